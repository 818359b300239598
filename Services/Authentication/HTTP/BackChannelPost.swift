package import AsyncHTTPClient
import ContractCore
import NIOCore
import NIOHTTP1

/// Posts logout tokens over HTTP, each within five seconds.
package struct BackChannelPost: LogoutPost {
    private let client: HTTPClient

    package init(_ client: HTTPClient) {
        self.client = client
    }

    package func post(_ logoutToken: String, to uri: String) async -> Bool {
        var request = HTTPClientRequest(url: uri)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
        request.body = .bytes(ByteBuffer(string: FormEncoding.encode([("logout_token", logoutToken)])))
        guard let response = try? await client.execute(request, timeout: .seconds(5)) else { return false }
        return (200..<300).contains(response.status.code)
    }
}
