import ContractCore
import Following
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Process
import TestService
import TestTokens
import Testing
import Vocabulary
import Web

@Suite("Operations are closed unless a token opens them")
struct GuardTests {
    private let issuer = TestIssuer()

    private func test(_ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        let quiet = Logger(label: "sample") { _ in SwiftLogNoOpLogHandler() }
        let base = try ServiceBase.test("sample", database: unreachableDatabase(), issuer: issuer, logger: quiet)
        let projection = Projection(name: "mandates", source: .mandateRegistry) { _, _ in .applied }
        let gate = ProjectionGate(projections: [projection], own: .profileResolution, database: base.database)
        let router = Router(context: AppContext.self)
        let api = router.group().add(middleware: BearerAuthentication(base.verifier, audience: .profileResolution))
        api.get("/me/dossier") { _, context in
            "\(try context.requirePerson(scope: Scope.dossier).personID)"
        }
        api.get("/persons") { _, context in try context.requireService(scope: Scope.readProfiles).clientID }
        router.group().add(middleware: BearerAuthentication(base.verifier, audience: .profileResolution))
            .add(middleware: ConsistencyMiddleware(gate, deadline: .milliseconds(300), share: 4)).get("/read") { _, _ in
                "read"
            }
        let app = Application(responder: StandardResponder(router, base: base), logger: quiet)
        try await app.test(.router) { client in try await body(client) }
    }

    private func code(_ response: TestResponse) throws -> String {
        try JSONDecoder().decode(ProblemDocument.self, from: Data(response.body.readableBytesView)).code
    }

    private func get(_ path: String, _ token: String?, _ client: any TestClientProtocol) async throws -> TestResponse {
        try await client.execute(
            uri: path, method: .get, headers: token.map { [.authorization: "Bearer \($0)"] } ?? [:])
    }

    @Test("without a token 401 and how to authenticate")
    func noToken() async throws {
        try await test { client in
            let response = try await get("/me/dossier", nil, client)
            #expect(response.status == .unauthorized && response.headers[.wwwAuthenticate] == "Bearer")
            #expect(try code(response) == "token.missing")
            let basic = try await client.execute(
                uri: "/me/dossier", method: .get, headers: [.authorization: "Basic YTpi"])
            #expect(try code(basic) == "token.missing")
        }
    }

    @Test("a token of another API does not open this one")
    func wrongAudience() async throws {
        let token = try issuer.personToken(for: .mandateRegistry, scopes: [Scope.dossier])
        try await test { client in
            let response = try await get("/me/dossier", token, client)
            #expect(response.status == .unauthorized)
            #expect(response.headers[.wwwAuthenticate] == "Bearer error=\"invalid_token\"")
            #expect(try code(response) == "token.invalid")
        }
    }

    @Test("a person's operation is closed to services and a service's to persons")
    func wrongKind() async throws {
        let person = try issuer.personToken(for: .profileResolution, scopes: [Scope.dossier, Scope.readProfiles])
        let service = try issuer.serviceToken(for: .profileResolution, scopes: [Scope.dossier, Scope.readProfiles])
        try await test { client in
            for (path, token) in [("/me/dossier", service), ("/persons", person)] {
                let response = try await get(path, token, client)
                #expect(response.status == .forbidden)
                #expect(try code(response) == "token.wrong-kind")
            }
            #expect(try await get("/me/dossier", person, client).status == .ok)
            #expect(try await get("/persons", service, client).status == .ok)
        }
    }

    @Test("a token without the scope is refused, and the scope is named")
    func wrongScope() async throws {
        let token = try issuer.personToken(for: .profileResolution, scopes: [Scope.profiles])
        try await test { client in
            let response = try await get("/me/dossier", token, client)
            #expect(response.status == .forbidden)
            #expect(try code(response) == "token.scope-missing")
            #expect(response.headers[.wwwAuthenticate]?.contains("scope=\"dossier\"") == true)
        }
    }

    @Test("a reader that asks for what has not arrived gets 503 and not something stale")
    func consistency() async throws {
        let token = try issuer.personToken(for: .profileResolution, scopes: [])
        try await test { client in
            func read(_ after: String?) async throws -> TestResponse {
                var headers: HTTPFields = [.authorization: "Bearer \(token)"]
                headers[.toegangAfter] = after
                return try await client.execute(uri: "/read", method: .get, headers: headers)
            }
            #expect(try await read(nil).status == .ok)
            #expect(try await read("profile-resolution:3:9").status == .ok)
            let behind = try await read("mandate-registry:7:42")
            #expect(behind.status == .serviceUnavailable && behind.headers[.retryAfter] == "1")
            #expect(try code(behind) == "service.not-caught-up")
            let unknown = try await read("organisation-rights:1:1")
            #expect(unknown.status == .badRequest)
            #expect(try code(unknown) == "request.unknown-position")
            for malformed in ["x", "mandate-registry", "mandate-registry:1", "mandate-registry:99:1", "other:1:1"] {
                let response = try await read(malformed)
                #expect(response.status == .badRequest)
                #expect(try code(response) == "request.malformed")
            }
        }
    }

    @Test("who is not known does not wait, and one caller has a share of the places to wait at, not all")
    func shares() async throws {
        let token = try issuer.personToken(for: .profileResolution, scopes: [])
        let other = try issuer.personToken(for: .profileResolution, scopes: [])
        try await test { client in
            func detail(_ token: String?) async throws -> String {
                var headers: HTTPFields = [.toegangAfter: "mandate-registry:7:42"]
                headers[.authorization] = token.map { "Bearer \($0)" }
                let answer = try await client.execute(uri: "/read", method: .get, headers: headers)
                return try JSONDecoder().decode(ProblemDocument.self, from: Data(answer.body.readableBytesView)).detail
                    ?? ""
            }
            #expect(try await detail(nil) == "Send an access token in the Authorization header.")
            let answers = try await withThrowingTaskGroup(of: (Bool, String).self) { group in
                for _ in 0..<20 { group.addTask { (true, try await detail(token)) } }
                for _ in 0..<2 { group.addTask { (false, try await detail(other)) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let full = "Too many of your requests wait already. Try again shortly."
            #expect(answers.count { $0.0 && $0.1 == full } >= 8)
            #expect(!answers.contains { !$0.0 && $0.1 == full })
        }
    }
}
