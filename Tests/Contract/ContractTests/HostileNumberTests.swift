import AuthenticationContracts
import ContractCore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Process
import TestBasics
import TestEvents
import TestTokens
import Testing
import Vocabulary

/// A trap ends the process of the tests, so each of these is green only if the services would have lived on.
@Suite("No number that somebody sends can stop a service")
struct HostileNumberTests {
    private let issuer = TestIssuer()

    @Test("in any header or parameter of any operation", arguments: SuiteService.allCases)
    func headersAndParameters(_ service: SuiteService) async throws {
        let routes = Set(AuthorisationTable.operations(of: service).keys)
        let names = try Self.integerParameters(service)
        try await withClient(service) { client in
            // At the same time, since some of them wait for a position that never comes.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for operation in routes {
                    for number in HostileNumbers.texts {
                        group.addTask {
                            let query = names.map { "\($0)=\(number)" }.joined(separator: "&")
                            let response = try await send(operation, query: query, number: number, body: "{}", client)
                            #expect(response.status.code != 500, "\(operation) with \(number)")
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// A body for each operation whose document has a whole number in what it takes.
    private static let bodies: [String: String] = [
        "POST /grantors/search": #"{"lastName":"a","page":1}"#,
        "PUT /interactions/{id}/choice": """
        {"sessionId":"0198f0a0-0000-7000-8000-000000000001","profile":{"kind":"citizen"},
         "bases":[{"kind":"right","id":"0198f0a0-0000-7000-8000-000000000001","version":1}],"acr":400}
        """,
    ]

    @Test("in any number of any body", arguments: bodies.keys.sorted())
    func numbersInBodies(_ operation: String) async throws {
        let body = try #require(Self.bodies[operation])
        let service = try #require(
            SuiteService.allCases.first { AuthorisationTable.operations(of: $0).keys.contains(operation) })
        try await withClient(service) { client in
            for variant in HostileNumbers.variants(of: body) {
                let response = try await send(operation, query: "", number: "1", body: variant, client)
                #expect(response.status.code != 500, "\(operation) with \(variant)")
            }
        }
    }

    @Test("in any attribute or fact of any event", arguments: EventSamplesTests.kinds)
    func events(_ kind: EventSamplesTests.Kind) throws {
        let text = try SourceTree.text("Tests/Contract/Fixtures/events/\(kind.type)/1.json")
        let variants = HostileNumbers.variants(of: text)
        // Sequence, version, and the version in the data, which the end of an access does not have.
        let numbers = kind.type == AccessEnded.ended ? 2 : 3
        #expect(variants.count >= numbers * HostileNumbers.texts.count)
        for variant in variants { _ = try? kind.reread(Data(variant.utf8)) }
    }

    @Test("in any number of the messages between sources and readers")
    func controlMessages() throws {
        let heads = SourceHeads(
            origin: EventOrigin(source: .mandateRegistry, environment: .test), time: Instant(secondsSinceEpoch: 0),
            heads: [SourceHeads.Head(partition: 1, last: 2, eventId: EventID(UUID()))])
        let request = ResendRequest(
            origin: EventOrigin(source: .mandateRegistry, environment: .test), partition: 1, from: 2,
            reader: "profile-resolution", projection: "x", time: Instant(secondsSinceEpoch: 0))
        for variant in HostileNumbers.variants(of: try text(heads)) {
            _ = try? JSONDecoder().decode(SourceHeads.self, from: Data(variant.utf8))
        }
        for variant in HostileNumbers.variants(of: try text(request)) {
            _ = try? JSONDecoder().decode(ResendRequest.self, from: Data(variant.utf8))
        }
    }

    /// Whole numbers that are decoded, by the names they have in the code.
    ///
    /// `version` is left out: what is counted on from is the version of a row of ours, never one that was sent.
    private func decodedNumbers() throws -> Set<String> {
        var names: Set<String> = ["exp", "iat", "nbf", "authTime", "expiresAt", "issuedAt", "offset", "head"]
        for file in try SourceTree.swiftFiles(below: "Shared/Contracts") {
            for match in try SourceTree.text(file).matches(of: /let ([A-Za-z]+): Int(64|32)?\??\n/) {
                names.insert(String(match.1))
            }
        }
        return names.subtracting(["version", "status", "acr", "partition", "lifetime"])
    }

    @Test("nobody reckons with a decoded number in arithmetic that traps")
    func trappingArithmetic() throws {
        let names = try decodedNumbers().sorted().joined(separator: "|")
        let after = try Regex("\\.(\(names)) [-+*] ")
        let before = try Regex("[^.<]\\s[-+*] [A-Za-z$0-9.]*\\.(\(names))\\b(?!\\()")
        for folder in ["Services", "Shared"] {
            for file in try SourceTree.swiftFiles(below: folder) {
                for line in try SourceTree.text(file).split(separator: "\n") {
                    guard line.contains(after) || line.contains(before), !line.contains("\"\"\"") else { continue }
                    let text = line.drop { $0 == " " }
                    guard !text.hasPrefix("//"), !Self.reviewed.contains(String(text)) else { continue }
                    Issue.record("\(file): use saturatingAdding and its like, or list the line as reviewed: \(text)")
                }
            }
        }
    }

    /// Lines of which somebody has shown that they cannot trap; a new one needs its reason here.
    private static let reviewed: Set<String> = [
        // SQL, which answers an error.
        "outbox_head.sequence - outbox_relay.sequence",
        "SELECT partition, coalesce(oldest.sequence, head.sequence + 1), head.sequence, event_id",
        "SELECT coalesce(sum(outbox_head.sequence - outbox_relay.sequence), 0)::bigint,",
        "WHERE outbox.partition = outbox_head.partition AND outbox.sequence = outbox_relay.sequence + 1",
    ]

    private static func integerParameters(_ service: SuiteService) throws -> [String] {
        let known = ["max_age", "page", "status", "after", "limit"]
        let text = try SourceTree.text("Shared/Contracts/\(service.folder)/OpenAPI/\(service.rawValue).yaml")
        let found = text.matches(of: /- name: ([a-z_A-Z]+)\n(?:(?! *- name:).*\n){0,6}? *schema: \{ type: integer/)
        return (known + found.map { String($0.1) })
    }

    private func text(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    private func send(
        _ operation: String, query: String, number: String, body: String, _ client: any TestClientProtocol
    ) async throws -> TestResponse {
        let parts = operation.split(separator: " ")
        let path = parts[1].split(separator: "/").map {
            $0.hasPrefix("{") ? UUID().uuidString.lowercased() : String($0)
        }
        let method = try #require(HTTPRequest.Method(String(parts[0])))
        var headers: HTTPFields = [
            .contentType: "application/json", .ifMatch: "\"\(number)\"", .accept: "text/html;q=\(number)",
            .acceptLanguage: "nl;q=\(number)", .authorization: "Bearer \(try token(operation))",
        ]
        headers[.retryAfter] = number
        if let after = HTTPField.Name("Toegang-After") { headers[after] = "mandate-registry:1:\(number)" }
        return try await client.execute(
            uri: "/" + path.joined(separator: "/") + (query.isEmpty ? "" : "?\(query)"), method: method,
            headers: headers, body: method == .get ? nil : ByteBuffer(string: body))
    }

    /// A token that the operation takes, so that numbers are looked at and not only the caller.
    private func token(_ operation: String) throws -> String {
        for service in SuiteService.allCases {
            guard let audience = service.audience, let access = AuthorisationTable.operations(of: service)[operation]
            else { continue }
            switch access {
            case .service(let scope): return try issuer.serviceToken(for: audience, scopes: [scope])
            case .person(let scope), .dossier(let scope):
                return try issuer.personToken(for: audience, scopes: [scope])
            case .open, .browser, .client: continue
            }
        }
        return "none"
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
}
