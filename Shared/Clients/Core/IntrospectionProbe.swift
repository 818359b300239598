package import AsyncHTTPClient
import ContractCore
import FoundationEssentials
package import Keys
import NIOCore
import NIOHTTP1

/// Asks the issuer whether an access token still holds (RFC 7662), for the moments in which its events are not heard.
package struct IntrospectionProbe: Sendable {
    /// How long the question may take; after that it counts as not answered.
    private static let deadline: TimeAmount = .milliseconds(300)

    private let issuer: String
    private let signer: ClientAssertionSigner
    private let httpClient: HTTPClient

    /// Asks `issuer` as the client of `signer`.
    package init(issuer: String, signer: ClientAssertionSigner, httpClient: HTTPClient) {
        self.issuer = issuer
        self.signer = signer
        self.httpClient = httpClient
    }

    /// Whether the token holds; nil when nobody answered in time.
    package func isActive(_ token: String) async -> Bool? {
        guard let assertion = try? signer.assertion(audience: issuer) else { return nil }
        var request = HTTPClientRequest(url: issuer + "/introspect")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
        request.body = .bytes(
            ByteBuffer(
                string: FormEncoding.encode([
                    ("token", token), ("client_id", signer.clientID),
                    ("client_assertion_type", ClientAssertionSigner.assertionType), ("client_assertion", assertion),
                ])))
        guard let response = try? await httpClient.execute(request, timeout: Self.deadline), response.status == .ok,
            let body = try? await response.body.collect(upTo: 64 * 1024)
        else { return nil }
        return (try? JSONDecoder().decode(Answer.self, from: Data(body.readableBytesView)))?.active
    }

    private struct Answer: Decodable {
        let active: Bool
    }
}
