import Async
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore

/// A browser as far as the portal can tell: it keeps cookies, follows redirects within the portal, and fills in forms.
final class Browser: Sendable {
    struct Page: Sendable {
        let status: HTTPResponse.Status
        let headers: HTTPFields
        let body: String
        /// The path that was shown last.
        let path: String

        /// Where a redirect leads, which the browser did not follow since it leaves the portal.
        var location: String? { headers[.location] }

        func contains(_ text: String) -> Bool { body.contains(text) }

        /// The value of the first input of this name.
        func field(_ name: String) -> String? {
            guard let start = body.firstRange(of: "name=\"\(name)\"") else { return nil }
            let rest = body[start.upperBound...]
            guard let value = rest.firstRange(of: "value=\""), let end = rest[value.upperBound...].firstIndex(of: "\"")
            else { return nil }
            return String(rest[value.upperBound..<end])
        }

        /// Where the link to the page before (`prev`) or after (`next`) leads.
        func link(_ relation: String) -> String? {
            guard let start = body.firstRange(of: "rel=\"\(relation)\" href=\""),
                let end = body[start.upperBound...].firstIndex(of: "\"")
            else { return nil }
            return String(body[start.upperBound..<end])
        }

        /// The title of the page.
        var title: String {
            guard let start = body.firstRange(of: "<title>"),
                let end = body[start.upperBound...].firstRange(of: "</title>")
            else { return "" }
            return String(body[start.upperBound..<end.lowerBound])
        }

        /// The codes of the reasons that are shown.
        var reasons: [String] {
            body.matches(of: /data-reason="([^"]+)"/).map { String($0.output.1) }
        }

        /// The tab of a page under /t/.
        var tab: String? {
            let parts = path.split(separator: "/")
            return parts.count > 1 && parts[0] == "t" ? String(parts[1]) : nil
        }
    }

    private let client: any TestClientProtocol
    private let cookies = Guarded<[String: String]>([:])

    /// What a proxy before the portal says of where the browser is.
    private let forwardedFor: String?

    init(_ client: any TestClientProtocol, forwardedFor: String? = nil) {
        self.client = client
        self.forwardedFor = forwardedFor
    }

    /// The same browser, answered by another instance of the portal.
    func moved(to other: any TestClientProtocol) -> Browser {
        let browser = Browser(other)
        let held = cookies.withLock { $0 }
        browser.cookies.withLock { $0 = held }
        return browser
    }

    func cookie(_ name: String) -> String? { cookies.withLock { $0[name] } }

    func setCookie(_ name: String, _ value: String?) { cookies.withLock { $0[name] = value } }

    /// Asks for a page and follows redirects within the portal.
    func get(_ path: String, language: String? = nil) async throws -> Page {
        try await send(.get, path, form: nil, language: language)
    }

    /// Sends a form and follows redirects within the portal.
    func post(_ path: String, _ fields: [String: String]) async throws -> Page {
        try await send(.post, path, form: fields, language: nil)
    }

    /// Sends a form of a page: its token goes along.
    func submit(_ page: Page, to path: String, _ fields: [String: String] = [:]) async throws -> Page {
        try await post(path, fields.merging(["csrf": page.field("csrf") ?? ""]) { given, _ in given })
    }

    private func send(
        _ method: HTTPRequest.Method, _ path: String, form: [String: String]?, language: String?
    ) async throws -> Page {
        var page = try await once(method, path, form: form, language: language)
        for _ in 0..<5 {
            guard page.status == .seeOther, let location = page.location, location.hasPrefix("/") else { return page }
            page = try await once(.get, location, form: nil, language: language)
        }
        return page
    }

    private func once(
        _ method: HTTPRequest.Method, _ path: String, form: [String: String]?, language: String?
    ) async throws -> Page {
        var headers: HTTPFields = [.accept: "text/html,application/xhtml+xml"]
        let held = cookies.withLock { $0 }
        if !held.isEmpty { headers[.cookie] = held.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") }
        if let forwardedFor, let name = HTTPField.Name("X-Forwarded-For") { headers[name] = forwardedFor }
        if let language { headers[.acceptLanguage] = language }
        var body: ByteBuffer?
        if let form {
            headers[.contentType] = "application/x-www-form-urlencoded"
            body = ByteBuffer(string: encode(form))
        }
        let response = try await client.execute(uri: path, method: method, headers: headers, body: body)
        for header in response.headers[values: .setCookie] { keep(header) }
        return Page(
            status: response.status, headers: response.headers, body: String(buffer: response.body), path: path)
    }

    private func keep(_ header: String) {
        let parts = header.split(separator: ";")
        guard let pair = parts.first?.split(separator: "=", maxSplits: 1), let name = pair.first else { return }
        let value = pair.count == 2 ? String(pair[1]) : ""
        cookies.withLock { $0[String(name)] = header.contains("Max-Age=0") ? nil : value }
    }
}

func encode(_ fields: [String: String]) -> String {
    fields.map { "\(escape($0.key))=\(escape($0.value))" }.joined(separator: "&")
}

private func escape(_ text: String) -> String {
    text.utf8.map { byte -> String in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            String(UnicodeScalar(byte))
        default:
            (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
        }
    }.joined()
}
