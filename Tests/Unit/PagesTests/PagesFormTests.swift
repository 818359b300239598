import ContractCore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Keys
import Logging
import NIOCore
import Pages
import Testing
import Vocabulary
import Web

/// A key of 32 like bytes.
private func formKey(_ byte: UInt8) throws -> HMACKey {
    try #require(HMACKey([UInt8](repeating: byte, count: 32)))
}

@Suite("Pages: forms") struct PagesFormTests {
    @Test(
        "a form is decoded as a browser encodes it",
        arguments: [
            ("a=1&b=2", ["a": "1", "b": "2"]), ("a=%C3%A9+x%2B", ["a": "é x+"]), ("a=", ["a": ""]), ("a", ["a": ""]),
            ("a=b=c", ["a": "b=c"]), ("", [:]), ("&&a=1&", ["a": "1"]),
        ])
    func decoding(_ text: String, _ expected: [String: String]) throws {
        let form = try FormData(encoded: Array(text.utf8))
        for (name, value) in expected { #expect(form[name] == value) }
        #expect(form["none"] == nil)
    }

    @Test(
        "a broken or doubled field is refused",
        arguments: ["a=%", "a=%4", "a=%zz", "a=%C3", "a=%00", "a=1&a=2", "a=1&%61=2"])
    func refused(_ text: String) {
        #expect(throws: FormError.self) { try FormData(encoded: Array(text.utf8)) }
    }

    @Test("as many fields as a page has, and not one more")
    func fieldLimit() throws {
        func form(_ count: Int) -> [UInt8] { Array((1...count).map { "f\($0)=x" }.joined(separator: "&").utf8) }
        _ = try FormData(encoded: form(FormData.maximumFields))
        #expect(throws: FormError.unexpectedFields) { try FormData(encoded: form(FormData.maximumFields + 1)) }
    }

    @Test("a form's token holds for its cookie and its key alone")
    func csrf() throws {
        let csrf = try CSRF(key: formKey(1))
        let token = csrf.token(for: "cookie")
        #expect(csrf.verify(FormData([CSRF.field: token]), cookie: "cookie"))
        #expect(!csrf.verify(FormData([CSRF.field: token]), cookie: "other"))
        #expect(!csrf.verify(FormData(), cookie: "cookie"))
        #expect(!csrf.verify(FormData([CSRF.field: token + "A"]), cookie: "cookie"))
        #expect(!csrf.verify(FormData([CSRF.field: ""]), cookie: "cookie"))
        #expect(try !CSRF(key: formKey(2)).verify(FormData([CSRF.field: token]), cookie: "cookie"))
    }
}

@Suite("Pages: language") struct PagesLanguageTests {
    @Test(
        "the browser's preference is followed as far as there are texts",
        arguments: [
            ("en", Language.en), ("en-GB,nl;q=0.8", .en), ("fr, en;q=0.4", .en), ("fr", nil), ("nl;q=0, en;q=0.1", .en),
            ("", nil), ("*", nil), ("de;q=1,nl;q=0.3,en;q=0.2", .nl), ("en;q=x", nil), ("NL-be", .nl),
        ])
    func preference(_ header: String, _ expected: Language?) {
        #expect(LanguageChoice(available: [.nl, .en], secure: true).preferred(header) == expected)
    }
}

@Suite("Pages: a site in the router") struct PagesSiteTests {
    private func withSite(
        secure: Bool = false, _ body: @escaping @Sendable (any TestClientProtocol, PageSite) async throws -> Void
    ) async throws {
        let page = Array("<p>{{name}}</p><input name=\"csrf\" value=\"{{csrf}}\">".utf8)
        let site = PageSite(
            renderer: try PageRenderer(templates: ["page": page], texts: [:]), cookie: "test_site",
            csrfKey: try formKey(3), baseURL: secure ? "https://site.test" : "http://site.test",
            homePath: "/")
        let router = Router(context: AppContext.self)
        site.install(on: router)
        router.get("/page") { request, context in
            site.renderer.page(
                "page", ["name": "x"], title: "layout.product", context: site.context(request, context))
        }
        router.post("/page") { request, _ in
            _ = try await site.form(request)
            return Response(status: .ok)
        }
        router.get("/fails") { _, _ -> Response in
            throw Problem(.refused, reasons: [Reason(ReasonCode(rawValue: "mandate.stopped"))], retryAfter: 3)
        }
        try await Application(router: router).test(.router) { client in try await body(client, site) }
    }

    private func send(
        _ client: any TestClientProtocol, _ body: String, type: String = "application/x-www-form-urlencoded",
        cookie: String? = "c"
    ) async throws -> HTTPResponse.Status {
        var headers: HTTPFields = [.contentType: type]
        if let cookie { headers[.cookie] = "test_site=\(cookie)" }
        return try await client.execute(
            uri: "/page", method: .post, headers: headers, body: ByteBuffer(string: body)
        ).status
    }

    private let html: HTTPFields = [.accept: "text/html"]

    @Test("every answer carries the security headers, over TLS also HSTS")
    func headers() async throws {
        for secure in [false, true] {
            try await withSite(secure: secure) { client, _ in
                for path in ["/page", "/fails", "/nowhere"] {
                    let answer = try await client.execute(uri: path, method: .get, headers: html)
                    let names = answer.headers.map(\.name.canonicalName)
                    for name in [
                        "content-security-policy", "x-content-type-options", "referrer-policy", "permissions-policy",
                        "cross-origin-opener-policy",
                    ] { #expect(names.filter { $0 == name }.count == 1, "\(name) at \(path)") }
                    #expect(names.contains("strict-transport-security") == secure)
                }
            }
        }
    }

    @Test("a browser gets a page for a problem, a program the problem document")
    func problems() async throws {
        try await withSite { client, _ in
            let page = try await client.execute(uri: "/fails", method: .get, headers: html)
            #expect(page.status == .forbidden)
            #expect(page.headers[.contentType] == "text/html; charset=utf-8")
            #expect(page.headers[.retryAfter] == "3")
            let body = String(buffer: page.body)
            #expect(body.contains("data-reason=\"mandate.stopped\""))
            #expect(body.contains("Wat bewaard is"))
            let document = try await client.execute(uri: "/fails", method: .get)
            #expect(document.headers[.contentType]?.hasPrefix("application/problem+json") == true)
            for (language, title) in [
                ("nl-BE", "Deze pagina bestaat niet"), ("fr-BE", "Cette page n’existe pas"),
                ("de", "Diese Seite gibt es nicht"), ("en", "This page does not exist"),
            ] {
                let nowhere = try await client.execute(
                    uri: "/nowhere", method: .get, headers: [.accept: "text/html", .acceptLanguage: language])
                #expect(nowhere.status == .notFound)
                #expect(String(buffer: nowhere.body).contains(title))
            }
        }
    }

    @Test("choosing a language keeps the address and is remembered; another host is never gone to")
    func languageSwitch() async throws {
        try await withSite { client, _ in
            let answer = try await client.execute(uri: "/page?a=1&lang=en&b=2", method: .get, headers: html)
            #expect(answer.status == .seeOther)
            #expect(answer.headers[.location] == "/page?a=1&b=2")
            #expect(answer.headers[.setCookie]?.hasPrefix("toegang_language=en") == true)
            let unknown = try await client.execute(uri: "/page?lang=xx", method: .get, headers: html)
            #expect(unknown.headers[.setCookie] == nil)
            #expect(unknown.headers[.location] == "/page")
            let chosen = try await client.execute(
                uri: "/page", method: .get, headers: [.cookie: "toegang_language=en", .acceptLanguage: "nl"])
            #expect(String(buffer: chosen.body).contains("<html lang=\"en\">"))
            for path in [#"/\evil.test/?lang=en"#, #"/page\..\x?lang=en"#] {
                let other = try await client.execute(uri: path, method: .get, headers: html)
                #expect(other.headers[.location] == nil, "\(path)")
            }
            let host = try await client.execute(uri: "//evil.test?lang=en", method: .get, headers: html)
            #expect(host.headers[.location] == nil)
            #expect(!String(buffer: host.body).contains("href=\"//"))
        }
    }

    @Test("a form is read with its limit, its type and its token")
    func forms() async throws {
        try await withSite { (client, _) async throws in
            let token = try CSRF(key: formKey(3)).token(for: "c")
            #expect(try await send(client, "csrf=\(token)") == .ok)
            #expect(try await send(client, "csrf=\(token)", cookie: "d") == .forbidden)
            #expect(try await send(client, "csrf=\(token)", cookie: nil) == .forbidden)
            #expect(try await send(client, "x=1") == .forbidden)
            #expect(try await send(client, "csrf=\(token)", type: "text/plain") == .unsupportedMediaType)
            #expect(try await send(client, "csrf=\(token)&a=%") == .badRequest)
            let fill = String(repeating: "x", count: defaultBodyLimit - token.utf8.count - "csrf=&a=".utf8.count)
            #expect(try await send(client, "csrf=\(token)&a=\(fill)") == .ok)
            #expect(try await send(client, "csrf=\(token)&a=\(fill)x") == .contentTooLarge)
        }
    }

    @Test("the stylesheet may be kept for ever under its name")
    func assets() async throws {
        try await withSite { client, site in
            let answer = try await client.execute(uri: site.renderer.assets.stylesheetPath, method: .get)
            #expect(answer.status == .ok)
            #expect(answer.headers[.contentType] == "text/css; charset=utf-8")
            #expect(answer.headers[.cacheControl]?.contains("immutable") == true)
            let text = String(buffer: answer.body)
            #expect(!text.contains("http"))
            #expect(!text.contains("@import"))
            #expect(try await client.execute(uri: "/assets/toegang-0000.css", method: .get).status == .notFound)
        }
    }
}
