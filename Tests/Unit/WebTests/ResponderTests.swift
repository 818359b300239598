import ContractCore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Postgres
import Process
import Telemetry
import TestBasics
import TestService
import TestTokens
import Testing
import Vocabulary
import Web

/// A database that nothing can be asked of.
func unreachableDatabase() -> Database {
    Database(
        DatabaseConfiguration(
            host: "127.0.0.1", port: 1, database: "none", user: "none", password: "none", applicationName: "test",
            schema: "none", waitDeadline: .milliseconds(50)),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
}

private struct Sample: Codable, Equatable {
    let name: String
    let count: Int
    let since: LocalDate?
    let tags: [String]?
}

@Suite("Every request is answered in the same way")
struct ResponderTests {
    private let lines = Lines()
    private let issuer = TestIssuer()

    private func logger() -> Logger {
        Logger(label: "sample") { label in
            JSONLogHandler(service: "sample", label: label, level: .info, now: systemClock, write: lines.add)
        }
    }

    /// Routes that go wrong in each way that a route can.
    private func test(_ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        let logger = logger()
        let base = try ServiceBase.test("sample", database: unreachableDatabase(), issuer: issuer, logger: logger)
        let router = Router(context: AppContext.self)
        router.get("/things/:id") { _, context in
            let id = try context.identifier("id", of: Identified.Mandate.self)
            return try Response.json(["id": "\(id)", "trace": context.trace.header, "request": context.requestID])
        }
        router.post("/things") { request, context in
            let sample = try await request.decodeJSON(as: Sample.self, limit: 200, context: context)
            return try Response.json(sample, status: .created, version: 7)
        }
        router.put("/things") { request, _ in try Response.json(["version": try request.requiredVersion()]) }
        router.get("/refused") { _, _ -> Response in
            throw Refusal(Reason(ReasonCode(rawValue: "mandate.stopped"), facts: ["since": "2026-01-31"]))
        }
        router.get("/unexpected") { _, _ -> Response in throw Unexpected() }
        router.get("/database") { _, _ -> Response in
            _ = try await base.database.read { session in try session.query("SELECT 1") }
            return Response(status: .ok)
        }
        router.get("/cut-off") { _, _ -> Response in throw CancellationError() }
        router.post("/cut-off") { _, _ -> Response in throw CancellationError() }
        router.get("/language") { _, context in context.language.rawValue }
        let app = Application(responder: StandardResponder(router, base: base), logger: logger)
        try await app.test(.router) { client in try await body(client) }
    }

    private struct Unexpected: Error, CustomStringConvertible {
        var description: String { "secret detail of 85073099091" }
    }

    private func problem(_ response: TestResponse) throws -> ProblemDocument {
        #expect(response.headers[.contentType] == "application/problem+json; charset=utf-8")
        #expect(response.headers[.cacheControl] == "no-store")
        let document = try JSONDecoder().decode(ProblemDocument.self, from: Data(response.body.readableBytesView))
        #expect(document.status == response.status.code)
        #expect(document.type == "urn:toegang:problem:" + document.code)
        #expect(document.instance == response.headers[.requestID])
        return document
    }

    @Test("of a change that was cut off it is not known whether it was done; a look that was cut off changed nothing")
    func cutOff() async throws {
        try await test { client in
            let look = try await client.execute(uri: "/cut-off", method: .get)
            #expect(try problem(look).code == "service.unavailable" && look.headers[.retryAfter] == "2")
            let change = try await client.execute(uri: "/cut-off", method: .post)
            #expect(try problem(change).code == ProblemCode.outcomeUnknown.rawValue)
        }
    }

    @Test("a well-formed request id is taken over, and any other replaced")
    func requestID() async throws {
        try await test { client in
            let path = "/things/0190163d-8694-739b-aea5-966c26f8ad91"
            let kept = try await client.execute(uri: path, method: .get, headers: [.requestID: "abc-12345.6_7"])
            #expect(kept.headers[.requestID] == "abc-12345.6_7")
            for bad in ["short", "has blank 123", "85073099091", "85.07.30-990.91", String(repeating: "a", count: 65)] {
                let replaced = try await client.execute(uri: path, method: .get, headers: [.requestID: bad])
                let id = try #require(replaced.headers[.requestID])
                #expect(id != bad && UUID(uuidString: id) != nil)
            }
        }
    }

    @Test("the trace goes on with a span of ours, and starts here when there is none or a malformed one")
    func trace() async throws {
        try await test { client in
            let path = "/things/0190163d-8694-739b-aea5-966c26f8ad91"
            let incoming = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            let response = try await client.execute(uri: path, method: .get, headers: [.traceParent: incoming])
            let body = try JSONDecoder().decode([String: String].self, from: Data(response.body.readableBytesView))
            let trace = try #require(body["trace"].flatMap { TraceContext(header: $0) })
            #expect(trace.traceID == "4bf92f3577b34da6a3ce929d0e0e4736" && trace.spanID != "00f067aa0ba902b7")
            #expect(trace.sampled)
            let malformed = try await client.execute(uri: path, method: .get, headers: [.traceParent: "00-zz"])
            let other = try JSONDecoder().decode([String: String].self, from: Data(malformed.body.readableBytesView))
            #expect(other["trace"].flatMap { TraceContext(header: $0) } != nil)
        }
    }

    @Test("one line is logged per request, with the route pattern and neither path nor query")
    func accessLog() async throws {
        try await test { client in
            _ = try await client.execute(
                uri: "/things/0190163d-8694-739b-aea5-966c26f8ad91?nationalNumber=85073099091", method: .get)
            _ = try await client.execute(uri: "/nothing/85073099091", method: .get)
        }
        let answered = lines.all.filter { $0.contains("Request answered") }
        #expect(answered.count == 2)
        #expect(answered[0].contains(#""route":"/things/{id}""#) && answered[0].contains(#""status":"200""#))
        #expect(answered[1].contains(#""status":"404""#))
        #expect(
            !lines.all.contains { $0.contains("85073099091") || $0.contains("0190163d-8694") && $0.contains("uri") })
    }

    @Test("what no route matches is 404, and a method that a route lacks 405")
    func unmatched() async throws {
        try await test { client in
            #expect(try problem(try await client.execute(uri: "/nothing", method: .get)).code == "resource.not-found")
            #expect(try problem(try await client.execute(uri: "/things/x", method: .get)).code == "resource.not-found")
            let wrong = try await client.execute(uri: "/things", method: .delete)
            #expect(try problem(wrong).code == "request.method-not-allowed")
            #expect(wrong.headers[.allow] == "POST, PUT")
            let captured = try await client.execute(uri: "/things/1", method: .put)
            #expect(captured.status == .methodNotAllowed && captured.headers[.allow] == "GET, HEAD")
        }
    }

    @Test("a refusal carries its reasons")
    func refusal() async throws {
        try await test { client in
            let problem = try problem(try await client.execute(uri: "/refused", method: .get))
            #expect(problem.code == "decision.refused" && problem.status == 403)
            #expect(
                problem.reasons == [Reason(ReasonCode(rawValue: "mandate.stopped"), facts: ["since": "2026-01-31"])])
        }
    }

    @Test("an unexpected error is 500 without detail, and the log has its reflection without the number")
    func unexpected() async throws {
        try await test { client in
            let response = try await client.execute(uri: "/unexpected", method: .get)
            #expect(try problem(response).code == "service.internal-error")
            #expect(!String(buffer: response.body).contains("secret"))
        }
        let line = try #require(lines.all.first { $0.contains("Unexpected error") })
        #expect(line.contains("secret detail") && !line.contains("85073099091") && line.contains("requestId"))
    }

    @Test("a database that is away is 503 with Retry-After")
    func databaseAway() async throws {
        try await test { client in
            let response = try await client.execute(uri: "/database", method: .get)
            #expect(try problem(response).code == "service.unavailable")
            #expect(response.headers[.retryAfter] == "2")
        }
    }

    @Test("a body is taken at its limit and refused a byte beyond it")
    func bodyLimit() async throws {
        try await test { client in
            func post(_ bytes: Int) async throws -> TestResponse {
                let start = #"{"count":1,"name":""#
                let body = start + String(repeating: "a", count: bytes - start.utf8.count - 2) + "\"}"
                #expect(body.utf8.count == bytes)
                return try await client.execute(
                    uri: "/things", method: .post, headers: [.contentType: "application/json"],
                    body: ByteBuffer(string: body))
            }
            #expect(try await post(200).status == .created)
            let refused = try problem(try await post(201))
            #expect(refused.code == "request.body-too-large" && refused.status == 413)
            #expect(refused.detail == "This operation takes at most 200 bytes.")
        }
    }

    @Test(
        "a body that cannot be read is refused with what is wrong and where",
        arguments: [
            ("application/json", #"{"name":"a"}"#, 400, "The member \"count\" is missing."),
            ("application/json", #"{"name":7,"count":1}"#, 400, "The member \"name\" must be a text."),
            ("application/json", #"{"name":"a","count":"1"}"#, 400, "The member \"count\" must be a whole number."),
            ("application/json", #"{"name":null,"count":1}"#, 400, "The member \"name\" may not be null."),
            ("application/json", #"{"name":"a","count":1,"tags":[1]}"#, 400, "The member \"tags.[0]\" must be a text."),
            (
                "application/json", #"{"name":"a","count":1,"since":"2026-02-30"}"#, 422,
                "The member \"since\" does not have a valid value."
            ),
            ("application/json", #"{"name":"#, 400, "The body is not well-formed JSON."),
            ("application/json", "", 400, "The body is empty; send a JSON object."),
            ("text/plain", #"{"name":"a","count":1}"#, 415, "Send the body with the content type application/json."),
            ("", #"{"name":"a","count":1}"#, 415, "Send the body with the content type application/json."),
        ])
    func unreadable(type: String, body: String, status: Int, detail: String) async throws {
        try await test { client in
            let response = try await client.execute(
                uri: "/things", method: .post, headers: type.isEmpty ? [:] : [.contentType: type],
                body: ByteBuffer(string: body))
            let problem = try problem(response)
            #expect(problem.status == status && problem.detail == detail)
        }
    }

    @Test("a body with a character set in its content type is read, and the answer names its version")
    func characterSet() async throws {
        try await test { client in
            let response = try await client.execute(
                uri: "/things", method: .post, headers: [.contentType: "Application/JSON; charset=utf-8"],
                body: ByteBuffer(string: #"{"name":"é","count":1,"since":"2026-01-31"}"#))
            #expect(response.status == .created && response.headers[.eTag] == "\"7\"")
            #expect(String(buffer: response.body) == #"{"count":1,"name":"é","since":"2026-01-31"}"#)
        }
    }

    @Test(
        "a version is needed to change something",
        arguments: [("\"7\"", 200), ("7", 200), ("", 428), ("W/\"7\"", 400), ("-1", 400)])
    func version(header: String, status: Int) async throws {
        try await test { client in
            let response = try await client.execute(
                uri: "/things", method: .put, headers: header.isEmpty ? [:] : [.ifMatch: header])
            #expect(response.status.code == status)
        }
    }

    @Test(
        "the language is the first of ours in the order of preference",
        arguments: [
            ("", "nl"), ("en", "en"), ("en-GB,nl;q=0.5", "en"), ("nl;q=0.5,de", "de"), ("es,fr-BE;q=0.8", "fr"),
            ("es", "nl"), ("en;q=0", "nl"), (";;;", "nl"), ("en;q=x", "nl"),
        ])
    func language(header: String, expected: String) async throws {
        try await test { client in
            let response = try await client.execute(
                uri: "/language", method: .get, headers: header.isEmpty ? [:] : [.acceptLanguage: header])
            #expect(String(buffer: response.body) == expected)
        }
    }
}
