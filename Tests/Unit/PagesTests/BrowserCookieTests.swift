import HTTPTypes
import Hummingbird
import NIOCore
import Pages
import Testing
import Vocabulary

@Suite("Cookies")
struct BrowserCookieTests {
    private let now = Instant(secondsSinceEpoch: 1_800_000_000)

    private func request(_ cookies: String = "") -> Request {
        let fields: HTTPFields = cookies.isEmpty ? [:] : [.cookie: cookies]
        let head = HTTPRequest(method: .get, scheme: "https", authority: "a.test", path: "/", headerFields: fields)
        return Request(head: head, body: .init(buffer: ByteBuffer()))
    }

    private func given(_ response: Response) -> [String] { response.headers[values: .setCookie] }

    @Test("over TLS a cookie is of this host alone, in the clear it has its plain name")
    func prefix() {
        var response = Response(status: .ok)
        BrowserCookie(name: "a", secure: true).set("x", on: &response)
        let cookie = given(response)[0]
        #expect(cookie.hasPrefix("__Host-a=x"))
        for part in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] { #expect(cookie.contains(part)) }
        #expect(!cookie.contains("Domain"))
        #expect(BrowserCookie(name: "a", secure: false).name == "a")
        // What a neighbour planted under the plain name is not looked at.
        #expect(BrowserCookie(name: "a", secure: true).value(in: request("a=planted")) == nil)
    }

    @Test("each errand has a cookie of its own, and the oldest falls out")
    func tabs() throws {
        let cookies = TabCookies(prefix: "run", lifetime: .seconds(60), secure: true)
        var held: [String] = []
        for number in 0..<10 {
            var response = Response(status: .ok)
            cookies.set(
                "secret\(number)", of: "errand\(number)", at: now.adding(.seconds(Int64(number))),
                in: request(held.joined(separator: "; ")), on: &response)
            for cookie in given(response) {
                let pair = String(cookie.prefix { $0 != ";" })
                if cookie.contains("Max-Age=0") {
                    held.removeAll { $0.hasPrefix(pair.prefix { $0 != "=" } + "=") }
                } else {
                    held.append(pair)
                }
            }
            #expect(held.count <= TabCookies.limit)
        }
        let last = request(held.joined(separator: "; "))
        #expect(cookies.secret(of: "errand9", in: last) == "secret9")
        #expect(cookies.secret(of: "errand2", in: last) == "secret2")
        #expect(cookies.secret(of: "errand1", in: last) == nil)
        #expect(cookies.secret(of: "another", in: last) == nil)
    }
}
