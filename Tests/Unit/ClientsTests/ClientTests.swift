import Async
import AsyncHTTPClient
import AuthenticationClients
import Clients
import ContractCore
import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Keys
import Logging
import MandateRegistryClients
import NIOCore
import Process
import ProfileResolutionClients
import ProfileResolutionContracts
import Telemetry
import Testing
import Vocabulary
import Web

/// What a server of a test was asked.
private final class Asked: Sendable {
    struct Request: Sendable {
        let path: String
        let headers: HTTPFields
        let body: String
    }
    private let requests = Guarded<[Request]>([])
    var all: [Request] { requests.withLock { $0 } }
    func paths(_ path: String) -> [Request] { all.filter { $0.path == path } }

    func add(_ request: Hummingbird.Request) async throws -> Int {
        let body = String(buffer: try await request.body.collect(upTo: 10_000))
        return requests.withLock { requests in
            requests.append(Request(path: request.uri.path, headers: request.headers, body: body))
            return requests.count { $0.path == request.uri.path }
        }
    }
}

/// A clock that moves when it is told to.
private final class HandClock: Sendable {
    private let instant = Guarded(Instant(microseconds: 1_769_860_800_000_000))
    var now: Instant { instant.withLock { $0 } }
    func advance(_ duration: Duration) { instant.withLock { $0 = $0.adding(duration) } }
}

@Suite("Other services are called with a token, a deadline and a trace")
struct ClientTests {
    private let asked = Asked()
    private let person = PersonID(UUID())
    private let origin = CallOrigin(
        trace: TraceContext(high: 1, low: 2, span: 3, sampled: true), requestID: "request-1",
        after: "mandate-registry:7:42")

    /// Runs a server over a real socket; `answer` says what it answers to the n-th request for a path.
    private func serve(
        expiresIn: Int = 300, answer: @escaping @Sendable (String, Int) async throws -> Response,
        _ body: @escaping @Sendable (String, ServiceTokenSource) async throws -> Void
    ) async throws {
        let router = Router()
        let asked = asked
        router.post("/token") { request, _ in
            let count = try await asked.add(request)
            try await Task.sleep(for: .milliseconds(20))
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: .init(
                    byteBuffer: ByteBuffer(
                        string: #"{"access_token":"token-\#(count)","token_type":"Bearer","expires_in":\#(expiresIn)}"#)
                ))
        }
        for method in [HTTPRequest.Method.get, .post, .put] {
            router.on("**", method: method) { request, _ in
                let count = try await asked.add(request)
                return try await answer(request.uri.path, count)
            }
        }
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        try await Application(router: router, logger: quiet).test(.live) { client in
            let port = try #require(client.port)
            let issuer = "http://localhost:\(port)"
            let signer = ClientAssertionSigner(
                clientID: "portal", key: P256.Signing.PrivateKey(), now: systemClock, newID: { UUID() })
            let tokens = ServiceTokenSource(issuer: issuer, signer: signer, httpClient: .shared, now: systemClock)
            try await body(issuer, tokens)
        }
    }

    private func list() throws -> Response {
        try Response.json(ProfileList(profiles: []))
    }

    private func remote(_ address: String, _ tokens: ServiceTokenSource, deadline: Duration = .seconds(3))
        -> RemoteService
    {
        RemoteService(baseURL: address, httpClient: .shared, tokens: tokens, deadline: deadline)
    }

    @Test("a token of any life that the issuer says can be used", arguments: [Int.min, -1, 0, 31, .max])
    func hostileLife(_ seconds: Int) async throws {
        try await serve(expiresIn: seconds, answer: { _, _ in try list() }) { _, tokens in
            let token = try await tokens.token(scope: "x")
            #expect(token == "token-1")
        }
    }

    @Test("a call carries token, trace, request id and position, and the answer is decoded")
    func call() async throws {
        try await serve(answer: { _, _ in try list() }) { address, tokens in
            let client = ProfileResolutionClient(remote(address, tokens))
            let answer = try await client.profiles(of: person, origin: origin)
            #expect(answer.profiles.isEmpty)
            let request = try #require(asked.paths("/persons/\(person)/profiles").first)
            #expect(request.headers[.authorization] == "Bearer token-1")
            #expect(request.headers[.traceParent] == origin.trace.header)
            #expect(request.headers[.requestID] == "request-1")
            #expect(request.headers[.toegangAfter] == "mandate-registry:7:42")
            let form = try #require(asked.paths("/token").first?.body)
            #expect(form.contains("grant_type=client_credentials") && form.contains("scope=profiles.read"))
            #expect(form.contains("resource=urn%3Atoegang%3Aprofile-resolution"))
            #expect(
                form.contains("client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"))
        }
    }

    @Test("however many ask at once, one token is fetched, and it is kept")
    func singleFlight() async throws {
        try await serve(answer: { _, _ in try list() }) { _, tokens in
            let all = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<20 { group.addTask { try await tokens.token(scope: Scope.mandates) } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(all == ["token-1"])
            #expect(try await tokens.token(scope: Scope.mandates) == "token-1")
            #expect(try await tokens.token(scope: Scope.introspect) == "token-2")
            #expect(asked.paths("/token").count == 2)
        }
    }

    @Test("a token is not used in its last 30 seconds")
    func expiry() async throws {
        let clock = HandClock()
        try await serve(answer: { _, _ in try list() }) { address, _ in
            let signer = ClientAssertionSigner(
                clientID: "portal", key: P256.Signing.PrivateKey(), now: systemClock, newID: { UUID() })
            let tokens = ServiceTokenSource(
                issuer: address, signer: signer, httpClient: .shared, now: { clock.now })
            let first = try await tokens.token(scope: Scope.introspect)
            clock.advance(.seconds(269))
            let kept = try await tokens.token(scope: Scope.introspect)
            clock.advance(.seconds(1))
            let second = try await tokens.token(scope: Scope.introspect)
            #expect([first, kept, second] == ["token-1", "token-1", "token-2"])
        }
    }

    @Test("a token that is refused is fetched anew, once")
    func refusedToken() async throws {
        try await serve(answer: { _, count in
            count == 1 ? try Problem.tokenInvalid("no").response(instance: nil) : try list()
        }) { address, tokens in
            _ = try await ProfileResolutionClient(remote(address, tokens)).profiles(of: person, origin: origin)
            let requests = asked.paths("/persons/\(person)/profiles")
            #expect(requests.map { $0.headers[.authorization] } == ["Bearer token-1", "Bearer token-2"])
        }
    }

    @Test("a read is sent once more when the service was away, and a write is not")
    func retries() async throws {
        let away = Problem(.unavailable, retryAfter: 1)
        try await serve(answer: { path, count in
            path.hasSuffix("/profiles") && count == 2 ? try list() : try away.response(instance: nil)
        }) { address, tokens in
            _ = try await ProfileResolutionClient(remote(address, tokens)).profiles(of: person, origin: origin)
            #expect(asked.paths("/persons/\(person)/profiles").count == 2)
            let mandate = MandateID(UUID())
            let error = await #expect(throws: RemoteError.self) {
                try await MandateRegistryClient(remote(address, tokens)).stop(mandate, token: "t", origin: origin)
            }
            #expect(error?.isProblem(.unavailable) == true && error?.problem?.retryAfter == 1)
            #expect(asked.paths("/mandates/\(mandate)/stop").count == 1)
        }
    }

    @Test(
        "a write whose answer does not say that nothing was done may have been done; a read never",
        arguments: [200, 201, 500, 502, 503, 504, 403, 409])
    func lostAnswers(status: Int) async throws {
        try await serve(answer: { _, _ in
            Response(
                status: .init(code: status), headers: [.contentType: "application/json"],
                body: .init(byteBuffer: ByteBuffer(string: #"{"nobody":"knows"}"#)))
        }) { address, tokens in
            let write = await #expect(throws: RemoteError.self) {
                try await MandateRegistryClient(remote(address, tokens))
                    .stop(MandateID(UUID()), token: "t", origin: origin)
            }
            #expect(write?.mayHaveBeenDone == ![503, 403, 409].contains(status))
            #expect(write?.beforehand.mayHaveBeenDone == false)
            let read = await #expect(throws: RemoteError.self) {
                try await MandateRegistryClient(remote(address, tokens)).mandatesGiven(token: "t", origin: origin)
            }
            #expect(read?.mayHaveBeenDone == false)
        }
    }

    @Test("a problem comes with its code, detail and reasons, and is passed on when it is the caller's")
    func problems() async throws {
        let reason = Reason(ReasonCode(rawValue: "mandate.stopped"))
        let refused = Problem(.refused, "The mandate was stopped.", reasons: [reason])
        try await serve(answer: { _, _ in try refused.response(instance: "x") }) { address, tokens in
            let error = await #expect(throws: RemoteError.self) {
                try await MandateRegistryClient(remote(address, tokens))
                    .stop(MandateID(UUID()), token: "s", origin: origin)
            }
            let problem = try #require(error?.problem)
            #expect(problem.code == "decision.refused" && problem.status == 403 && problem.reasons == [reason])
            let ours = Problem(RemoteError.problem(problem))
            #expect(ours.code == .refused && ours.reasons == [reason])
        }
    }

    @Test("a dossier context is asked for as RFC 8693 has it, for the tab, in this service's name")
    func tokenExchange() async throws {
        try await serve(answer: { _, _ in try list() }) { address, tokens in
            let dossier = DossierID(UUID())
            _ = try? await MandateRegistryClient(remote(address, tokens))
                .openContext(of: dossier, subjectToken: "s&p", tab: "tab-1", origin: origin)
            let request = try #require(asked.paths("/token").last)
            #expect(request.headers[.toegangTab] == "tab-1" && request.headers[.authorization] == "Bearer token-1")
            #expect(
                request.body
                    == "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=s%26p"
                    + "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token"
                    + "&audience=dossier-context&resource=urn%3Atoegang%3Adossier%3A\(dossier)")
        }
    }

    @Test("what the other service blames on us is not passed on as the caller's fault")
    func ourFault() {
        for code in [
            "token.invalid", "token.scope-missing", "request.malformed", "service.internal-error", "", "new.code",
        ] {
            let problem = Problem(RemoteError.problem(RemoteProblem(code: code, status: 400)))
            #expect(problem.code == .dependencyUnavailable && problem.retryAfter == 2)
        }
        #expect(Problem(RemoteError.unavailable("x")).code == .dependencyUnavailable)
    }

    @Test("a service that does not answer is given up after the deadline")
    func deadline() async throws {
        try await serve(answer: { _, _ in
            try await Task.sleep(for: .seconds(3))
            return Response(status: .ok)
        }) { address, tokens in
            _ = try await tokens.token(scope: Scope.readProfiles)
            let started = ContinuousClock.now
            let error = await #expect(throws: RemoteError.self) {
                try await ProfileResolutionClient(remote(address, tokens, deadline: .milliseconds(200)))
                    .profiles(of: person, origin: origin)
            }
            guard case .unavailable = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(ContinuousClock.now - started < .seconds(2))
        }
    }

    @Test("names that do not come in time are left out, long before the call is given up")
    func lateNames() async throws {
        let stalled: @Sendable (String, Int) async throws -> Response = { _, _ in
            try await Task.sleep(for: .seconds(4))
            return try list()
        }
        try await serve(answer: stalled) { address, tokens in
            let client = AuthenticationClient(remote(address, tokens, deadline: .seconds(20)))
            let begin = ContinuousClock.now
            let names = await client.names(of: [person], origin: origin)
            #expect(names[person] == nil && names.isUnavailable(person))
            #expect(ContinuousClock.now - begin < .seconds(3))
        }
    }

    @Test("an answer that is not what the contract says is told apart")
    func notUnderstood() async throws {
        try await serve(answer: { _, _ in try Response.json(["other": 1]) }) { address, tokens in
            let error = await #expect(throws: RemoteError.self) {
                try await ProfileResolutionClient(remote(address, tokens)).profiles(of: person, origin: origin)
            }
            guard case .notUnderstood = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("a service without a client key says so, and an issuer's refusal is told with its error")
    func noToken() async throws {
        let none = ServiceTokenSource(issuer: "http://localhost:1", signer: nil, httpClient: .shared, now: systemClock)
        let error = await #expect(throws: ServiceTokenError.self) { try await none.token(scope: Scope.introspect) }
        #expect(error?.description.contains("clientKeyFile") == true)
    }
}
