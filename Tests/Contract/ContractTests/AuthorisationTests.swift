import ContractCore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Keys
import Logging
import NIOCore
import Process
import Telemetry
import TestTokens
import Testing
import Vocabulary

@Suite("Every operation of every API is closed to whoever it is not for")
struct AuthorisationTests {
    private let issuer = TestIssuer()

    /// One way to be refused, and with what.
    private struct Attempt {
        let name: String
        let token: String?
        let status: Int
        let code: String
    }

    @Test(
        "every route has its line in the authorisation table, and every line its route",
        arguments: SuiteService.allCases)
    func coverage(_ service: SuiteService) async throws {
        let routes = try await BuiltService.with(service) { built in
            _ = built.assembly.responder(base: built.base)
            return Set(operations(of: built.assembly.router))
        }
        // The pages of the portal, and the files that pages use, are all for browsers.
        let pages = service == .portal ? routes : routes.filter { !isNoAsset($0) }
        let listed = Set(AuthorisationTable.operations(of: service).keys)
        #expect(routes.subtracting(pages).subtracting(listed).sorted() == [], "not in the authorisation table")
        #expect(listed.subtracting(routes).sorted() == [], "in the authorisation table and not served")
    }

    @Test("the list of operations that are open to anybody may only become shorter")
    func openOperations() {
        let open = SuiteService.allCases.flatMap { service in
            AuthorisationTable.operations(of: service)
                .filter { $0.value == .open && AuthorisationTable.operational[$0.key] == nil }
                .map { "\(service.rawValue) \($0.key)" }
        }
        #expect(Set(open).subtracting(AuthorisationTable.openOperations).sorted() == [])
    }

    @Test("what is open in the document is open in the table, and the reverse", arguments: SuiteService.allCases)
    func documentedSecurity(_ service: SuiteService) async throws {
        let document = try await BuiltService.with(service) {
            OpenAPIText(String(decoding: $0.assembly.openAPI, as: UTF8.self))
        }
        let table = AuthorisationTable.operations(of: service)
        for operation in document.operations {
            guard let access = table[operation.name] else { continue }
            switch access {
            case .open: #expect(operation.isOpen, "\(operation.name) should say security: []")
            case .browser: #expect(!operation.needsAccessToken, "browsers have no access token: \(operation.name)")
            case .client: break
            case .service, .person, .dossier:
                #expect(!operation.isOpen, "\(operation.name) is not open")
                #expect(operation.statuses.isSuperset(of: ["401", "403"]), "\(operation.name) documents 401 and 403")
            }
        }
    }

    @Test(
        "without a token, with a wrong one and by the wrong kind of caller: refused as documented",
        arguments: SuiteService.allCases)
    func refusals(_ service: SuiteService) async throws {
        let operations = AuthorisationTable.operations(of: service).sorted { $0.key < $1.key }
        try await withClient(service) { client in
            for (name, access) in operations {
                for attempt in try attempts(access, service) {
                    let response = try await call(name, attempt.token, client)
                    let problem = try? JSONDecoder().decode(
                        ProblemDocument.self, from: Data(response.body.readableBytesView))
                    #expect(
                        response.status.code == attempt.status && problem?.code == attempt.code,
                        "\(name) \(attempt.name): \(response.status.code) \(problem?.code ?? "no problem document")")
                }
            }
        }
    }

    @Test("a client that does not authenticate itself is refused as OAuth has it")
    func clients() async throws {
        try await withClient(.authentication) { client in
            for (name, access) in AuthorisationTable.operations(of: .authentication) where access == .client {
                for body in ["", "grant_type=client_credentials", "client_id=portal&client_assertion=a.b.c&token=x"] {
                    let response = try await call(
                        name, nil, client, type: "application/x-www-form-urlencoded", body: body)
                    #expect([400, 401].contains(response.status.code), "\(name) with \"\(body)\"")
                    let answer = try JSONDecoder().decode(
                        [String: String].self, from: Data(response.body.readableBytesView))
                    #expect(answer["error"] != nil && answer["access_token"] == nil)
                }
            }
        }
    }

    @Test("without a session every page of the portal asks to sign in, and nothing that is sent is done")
    func pages() async throws {
        let routes = try await BuiltService.with(.portal) { built in
            operations(of: built.assembly.router)
        }
        let pages = routes.filter { isNoAsset($0) && AuthorisationTable.operational[$0] == nil }
        #expect(AuthorisationTable.openPages.subtracting(pages) == [])
        try await withClient(.portal) { client in
            for page in pages where !AuthorisationTable.openPages.contains(page) {
                let response = try await call(
                    page, nil, client, type: "application/x-www-form-urlencoded", body: "dossier=1")
                if page.hasPrefix("GET ") {
                    #expect(response.status == .seeOther, "\(page)")
                    #expect(response.headers[.location]?.hasPrefix("/sign-in?return=") == true, "\(page)")
                } else {
                    #expect(response.status == .unauthorized, "\(page)")
                }
            }
        }
    }

    @Test("an opaque token that nobody can vouch for opens no dossier")
    func unknownContext() async throws {
        try await withClient(.profileResolution) { client in
            for (name, access) in AuthorisationTable.operations(of: .profileResolution) {
                guard case .dossier = access else { continue }
                let response = try await call(name, RandomBytes.system.token(), client)
                #expect([401, 503].contains(response.status.code), "\(name): \(response.status.code)")
            }
        }
    }

    private func attempts(_ access: Access, _ service: SuiteService) throws -> [Attempt] {
        guard let audience = service.audience else { return [] }
        let every = Set(
            [
                Scope.profiles, Scope.dossier, Scope.mandates, Scope.organisations, Scope.interactions,
                Scope.resolvePersons, Scope.personNames, Scope.readProfiles, Scope.dossierContext, Scope.introspect,
                "openid",
            ])
        let long = Instant(microseconds: systemClock().microseconds - 3_600_000_000)
        // The one operation of authentication-service for persons, userinfo, takes the issuer's own tokens, which no
        // service gets.
        let isForIssuer = if case .person = access { audience == .authentication } else { false }
        func serviceToken(_ scopes: Set<String>, _ api: APIAudience?, at: Instant?) throws -> String {
            try issuer.serviceToken(for: api ?? audience, scopes: scopes.sorted(), issuedAt: at)
        }
        func personToken(_ scopes: Set<String>, _ api: APIAudience?, at: Instant?) throws -> String {
            try issuer.personToken(
                for: api ?? audience, scopes: scopes.sorted(), issuedAt: at, isForIssuer: api == nil && isForIssuer)
        }
        let stranger = TestIssuer(issuer: issuer.issuer)
        let (scope, wanted, other): (String, (Set<String>, APIAudience?, Instant?) throws -> String, String)
        switch access {
        case .open, .browser, .client: return []
        case .service(let needed): (scope, wanted, other) = (needed, serviceToken, try personToken(every, nil, at: nil))
        case .person(let needed), .dossier(let needed):
            (scope, wanted, other) = (needed, personToken, try serviceToken(every, nil, at: nil))
        }
        return [
            Attempt(name: "without a token", token: nil, status: 401, code: "token.missing"),
            Attempt(name: "with garbage", token: "a.b.c", status: 401, code: "token.invalid"),
            Attempt(
                name: "with an expired token", token: try wanted(every, nil, long), status: 401, code: "token.invalid"),
            Attempt(
                name: "with a token for another API", token: try wanted(every, self.other(service: audience), nil),
                status: 401, code: "token.invalid"),
            Attempt(
                name: "with a token of a stranger's key",
                token: try stranger.personToken(for: audience, scopes: every.sorted()), status: 401,
                code: "token.invalid"),
            Attempt(
                name: "with the other kind of token", token: other, status: isForIssuer ? 401 : 403,
                code: isForIssuer ? "token.invalid" : "token.wrong-kind"),
            Attempt(
                name: "without the scope", token: try wanted(every.subtracting([scope]), nil, nil), status: 403,
                code: "token.scope-missing"),
        ]
    }

    private func other(service audience: APIAudience) -> APIAudience {
        audience == .authentication ? .mandateRegistry : .authentication
    }

    private func withClient(
        _ service: SuiteService, _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        try await BuiltService.with(service, issuer: issuer) { built in
            let quiet = Logger(label: "contract") { _ in SwiftLogNoOpLogHandler() }
            let app = Application(
                responder: built.assembly.responder(base: built.base), logger: quiet)
            try await app.test(.router) { client in try await body(client) }
        }
    }

    private func call(
        _ operation: String, _ token: String?, _ client: any TestClientProtocol, type: String = "application/json",
        body: String = "{}"
    ) async throws -> TestResponse {
        let parts = operation.split(separator: " ")
        let path = parts[1].split(separator: "/").map {
            $0.hasPrefix("{") ? UUID().uuidString.lowercased() : String($0)
        }
        var headers: HTTPFields = [.contentType: type, .ifMatch: "\"1\""]
        if let token { headers[.authorization] = "Bearer \(token)" }
        let method = try #require(HTTPRequest.Method(String(parts[0])))
        return try await client.execute(
            uri: "/" + path.joined(separator: "/"), method: method, headers: headers,
            body: method == .get ? nil : ByteBuffer(string: body))
    }
}
