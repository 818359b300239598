import Async
import ContractCore
import FoundationEssentials
import HTTPTypes
import MandateRegistry
import MandateRegistryContracts
import MandateRegistryDomain
import Postgres
import TestTokens
import Testing
import Vocabulary
import Web

@Suite("Ending mandates and seeing those that were given")
struct MandateRoutesTests {
    @Test("a grantor stops her mandate: event, record and position come with it, and it cannot be stopped twice")
    func stopping() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let mandate = try await fixture.mandate(from: dossier, to: .person(PersonID(UUID())))
            let token = try fixture.personToken(dossier.person, .profession(dossier.profession))
            let stopped = try await fixture.stop(mandate.id, token: token)
            #expect(stopped.status == 200)
            let body = try stopped.decode(MandateEnded.self)
            #expect(body.status == .stopped && body.version == 2 && body.mandateId == mandate.id)
            let position = try #require(stopped.headers[.toegangPosition])
            #expect(position == "mandate-registry:\(EventPartition.of(mandate.id.uuid)):1")
            #expect(
                try await fixture.count(
                    "SELECT count(*) FROM outbox WHERE key = \(mandate.id) AND type = 'mandate.stopped'") == 1)
            #expect(
                try await fixture.count(
                    """
                    SELECT count(*) FROM audit_record WHERE action = 'mandate.stop' AND outcome = 'allowed'
                    AND actor = \(dossier.person) AND dossier = \(dossier.id) AND mandate = \(mandate.id)
                    """) == 1)

            let again = try await fixture.stop(mandate.id, token: token)
            #expect(again.status == 409)
            #expect(try again.reasons == ["mandate.already-ended"])
            #expect(try await fixture.count("SELECT count(*) FROM outbox") == 1)
            #expect(
                try await fixture.count("SELECT count(*) FROM audit_record WHERE outcome = 'refused'") == 1)
        }
    }

    @Test("a holder renounces under the profile that holds it; under another it does not exist")
    func renouncing() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let holder = PersonID(UUID())
            let organisation = try await fixture.organisation()
            _ = try await fixture.right(of: holder, in: organisation)
            let own = try await fixture.mandate(from: dossier, to: .person(holder))
            let enterprise = try await fixture.mandate(from: dossier, to: .organisation(organisation))
            let citizen = try fixture.personToken(holder)
            let acting = try fixture.personToken(holder, .organisation(organisation))

            #expect(try await fixture.stop(own.id, token: acting).status == 404)
            #expect(try await fixture.stop(enterprise.id, token: citizen).status == 404)
            let renounced = try await fixture.stop(own.id, token: citizen)
            #expect(try renounced.decode(MandateEnded.self).status == .renounced)
            #expect(try await fixture.stop(enterprise.id, token: acting).decode(MandateEnded.self).status == .renounced)
        }
    }

    @Test("to a stranger a mandate does not exist, and neither does one that was never given")
    func strangers() async throws {
        try await RegistryFixture.with { fixture in
            let mandate = try await fixture.mandate(
                from: try await fixture.dossier(), to: .person(PersonID(UUID())))
            let token = try fixture.personToken(PersonID(UUID()))
            let (existing, absent) = (
                try await fixture.stop(mandate.id, token: token),
                try await fixture.stop(MandateID(UUID()), token: token)
            )
            #expect(existing.status == 404 && absent.status == 404)
            #expect(try existing.code == absent.code)
            #expect(try await fixture.send(.post, "/mandates/1/stop", token: token).status == 404)
            #expect(try await fixture.count("SELECT count(*) FROM mandate WHERE status = 'active'") == 1)
        }
    }

    @Test("two who end a mandate at once: one does, the other is told that it is over")
    func endingTogether() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let holder = PersonID(UUID())
            for _ in 0..<30 {
                let mandate = try await fixture.mandate(from: dossier, to: .person(holder))
                async let stopping = fixture.stop(mandate.id, token: fixture.personToken(dossier.person))
                async let renouncing = fixture.stop(mandate.id, token: fixture.personToken(holder))
                let statuses = [try await stopping.status, try await renouncing.status].sorted()
                #expect(statuses == [200, 409])
            }
            #expect(try await fixture.count("SELECT count(*) FROM outbox") == 30)
        }
    }

    @Test("a grantor sees all that she gave, newest first, with the name of an organisation and of no person")
    func given() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let organisation = try await fixture.organisation()
            let personal = try await fixture.mandate(
                from: dossier, to: .person(PersonID(UUID())), start: fixture.today.adding(days: -9),
                end: fixture.today.adding(days: -1))
            fixture.clock.advance(.milliseconds(5))
            let enterprise = try await fixture.mandate(from: dossier, to: .organisation(organisation), .socialStatute)
            _ = try await fixture.mandate(from: try await fixture.dossier(), to: .organisation(organisation))

            let answer = try await fixture.send(
                .get, "/mandates/given", token: try fixture.personToken(dossier.person))
            let given = try answer.decode(GivenMandates.self).mandates
            #expect(given.map(\.mandateId) == [enterprise.id, personal.id])
            #expect(given.map(\.holderKind) == ["organisation", "person"])
            #expect(given.map(\.holderName) == ["Verzekeringen Noord NV", nil])
            if case .person(let holder) = personal.terms.holder {
                fixture.persons.called.withLock { $0[holder] = "Chloé Dubois" }
            }
            let named = try await fixture.send(
                .get, "/mandates/given", token: try fixture.personToken(dossier.person)
            ).decode(GivenMandates.self).mandates
            #expect(named.map(\.holderName) == ["Verzekeringen Noord NV", "Chloé Dubois"])
            #expect((given + named).allSatisfy { !$0.nameUnavailable })
            fixture.persons.tellsNames.withLock { $0 = false }
            let away = try await fixture.send(
                .get, "/mandates/given", token: try fixture.personToken(dossier.person)
            ).decode(GivenMandates.self).mandates
            #expect(away.map(\.holderName) == ["Verzekeringen Noord NV", nil])
            #expect(away.map(\.nameUnavailable) == [false, true])
            #expect(given.map(\.status) == [.active, .expired], "the calendar counts, though nobody wrote it down")
            #expect(given.map(\.profession.code) == ["persphysician", "persphysician"])
            #expect(given.allSatisfy { $0.reference.count == 8 })
        }
    }

    @Test("who gave thousands reaches each of them, newest first and none twice, and each by itself")
    func givenPages() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let (holder, other) = (PersonID(UUID()), PersonID(UUID()))
            try await fixture.database.transaction { session in
                try session.execute(
                    """
                    INSERT INTO mandate (id, version, grantor_person, grantor_dossier, grantor_profession,
                        holder_person, type, starts_on, ends_on, status, activated_at)
                    SELECT gen_random_uuid(), 1, \(dossier.person), \(dossier.id), \(dossier.profession.code), \(holder),
                           'social-statute', '2020-01-01'::date + i::int, '2020-01-01'::date + i::int, 'active', now()
                    FROM generate_series(1, 1001) AS i
                    """)
            }
            let token = try fixture.personToken(dossier.person)
            var seen: [MandateID] = []
            var next = "/mandates/given"
            while true {
                let page = try await fixture.send(.get, next, token: token).decode(GivenMandates.self)
                #expect(page.mandates.count <= 200)
                seen += page.mandates.map(\.mandateId)
                guard let after = page.next else { break }
                next = "/mandates/given?after=\(after)"
            }
            #expect(
                seen.count == 1001 && Set(seen).count == 1001 && seen == seen.sorted { $0.description > $1.description }
            )
            let oldest = try #require(seen.last)
            let one = try await fixture.send(.get, "/mandates/given/\(oldest)", token: token)
            #expect(try one.decode(GivenMandate.self).mandateId == oldest)
            let stranger = try fixture.personToken(other)
            #expect(try await fixture.send(.get, "/mandates/given/\(oldest)", token: stranger).status == 404)
            #expect(try await fixture.send(.get, "/mandates/given?after=x", token: token).status == 422)
        }
    }
}

/// Every operation: without a token, with the wrong kind of token, without the scope, for another API.
@Suite("Who may call what")
struct AccessTests {
    struct Operation: Sendable, CustomTestStringConvertible {
        let method: HTTPRequest.Method
        let path: String
        let scope: String
        let isForPersons: Bool
        var testDescription: String { "\(method.rawValue) \(path)" }
    }

    static let operations = [
        Operation(method: .post, path: "/grantors/search", scope: Scope.mandates, isForPersons: true),
        Operation(method: .get, path: "/mandates/given", scope: Scope.mandates, isForPersons: true),
        Operation(
            method: .get, path: "/mandates/given/0198f3e0-0000-7000-8000-000000000001", scope: Scope.mandates,
            isForPersons: true),
        Operation(
            method: .post, path: "/mandates/0198f3e0-0000-7000-8000-000000000001/stop", scope: Scope.mandates,
            isForPersons: true),
        Operation(method: .post, path: "/token", scope: Scope.dossierContext, isForPersons: false),
        Operation(method: .post, path: "/introspect", scope: Scope.introspect, isForPersons: false),
    ]

    @Test("is refused as documented", arguments: operations)
    func refused(operation: Operation) async throws {
        try await RegistryFixture.with { fixture in
            func call(_ token: String?) async throws -> (status: Int, code: String) {
                let answer = try await fixture.send(operation.method, operation.path, token: token)
                return (answer.status, try answer.code)
            }
            #expect(try await call(nil) == (401, "token.missing"))
            #expect(try await call("nonsense") == (401, "token.invalid"))
            let person = PersonID(UUID())
            let (wrongKind, noScope, otherAPI) =
                operation.isForPersons
                ? (
                    try fixture.serviceToken(scopes: [operation.scope]),
                    try fixture.personToken(person, scopes: ["profiles"]),
                    try fixture.issuer.personToken(for: .profileResolution, scopes: [operation.scope])
                )
                : (
                    try fixture.personToken(person, scopes: [operation.scope]),
                    try fixture.serviceToken(scopes: ["profiles.read"]),
                    try fixture.issuer.serviceToken(for: .profileResolution, scopes: [operation.scope])
                )
            #expect(try await call(wrongKind) == (403, "token.wrong-kind"))
            #expect(try await call(noScope) == (403, "token.scope-missing"))
            #expect(try await call(otherAPI) == (401, "token.invalid"))
        }
    }

    @Test("no operation is missing from this list")
    func complete() async throws {
        try await RegistryFixture.with { fixture in
            let listed = Set(
                Self.operations.map {
                    "\($0.method.rawValue) \($0.path.replacing("0198f3e0-0000-7000-8000-000000000001", with: "{mandateId}"))"
                })
            #expect(Set(fixture.routes) == listed)
        }
    }
}
