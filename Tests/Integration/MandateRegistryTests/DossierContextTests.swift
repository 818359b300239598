import ContractCore
import FoundationEssentials
import HTTPTypes
import Keys
import MandateRegistry
import MandateRegistryContracts
import MandateRegistryDomain
import Postgres
import Testing
import Tokens
import Vocabulary
import Web

@Suite("Dossier contexts")
struct DossierContextTests {
    @Test("a holder opens the grantor's dossier: the context says who acts for whom, and where")
    func opening() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let holder = PersonID(UUID())
            let mandate = try await fixture.mandate(from: dossier, to: .person(holder))
            let answer = try await fixture.exchange(dossier.id, subject: try fixture.personToken(holder))
            #expect(answer.status == 200)
            let token = try answer.decode(DossierContextToken.self)
            #expect(token.expiresIn == 300 && token.mandateId == mandate.id && token.dossierId == dossier.id)
            #expect(answer.text.contains(#""issued_token_type":"urn:toegang:token-type:dossier-context""#))

            let context = try await fixture.introspect(token.accessToken)
            #expect(context.active && context.sub == dossier.person && context.act?.sub == holder)
            #expect(context.aud == "dossier-context" && context.mandateType == .administrativeDossier)
            #expect(context.organisationId == nil && context.acr == 400)
            #expect(context.actions?.contains(.changeContact) == true)
            #expect(context.actions?.contains(.viewAccreditation) == false)
            #expect(context.tab == Base64URL.encode(TokenHash.of(TestNumbers.tab)))
            #expect(context.clientId == "portal")
            #expect(context.exp == fixture.clock.now().secondsSinceEpoch + 300)
            #expect(
                try await fixture.count(
                    """
                    SELECT count(*) FROM audit_record WHERE action = 'dossier.open' AND outcome = 'allowed'
                    AND actor = \(holder) AND on_behalf_of = \(dossier.person) AND dossier = \(dossier.id)
                    AND mandate = \(context.mandateId) AND actor_client = 'portal' AND acr = 400
                    """) == 1)
        }
    }

    @Test("a context is worth nothing as an access token, and an access token nothing as a context")
    func noAccessToken() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let holder = PersonID(UUID())
            _ = try await fixture.mandate(from: dossier, to: .person(holder))
            let subject = try fixture.personToken(holder)
            let context = try await fixture.open(dossier.id, subject: subject)
            #expect(try await fixture.send(.get, "/mandates/given", token: context).status == 401)
            #expect(try await !fixture.introspect(subject).active)
            #expect(try await !fixture.introspect("nonsense").active)
        }
    }

    @Test("two tabs with two grantors have two contexts, each with its own dossier and tab")
    func twoTabs() async throws {
        try await RegistryFixture.with { fixture in
            let holder = PersonID(UUID())
            let session = SessionID(UUID())
            let first = try await fixture.dossier("An", "Peeters")
            let second = try await fixture.dossier("Hugo", "Janssens")
            let mandate = try await fixture.mandate(from: first, to: .person(holder))
            _ = try await fixture.mandate(from: second, to: .person(holder), .socialStatute)
            let subject = try fixture.personToken(holder, session: session)
            let left = try await fixture.open(first.id, subject: subject, tab: TestNumbers.tab)
            let right = try await fixture.open(second.id, subject: subject, tab: TestNumbers.otherTab)
            let (one, other) = (try await fixture.introspect(left), try await fixture.introspect(right))
            #expect(one.dossierId == first.id && other.dossierId == second.id)
            #expect(one.tab != other.tab)
            #expect(other.actions?.contains(.changeContact) == false, "the type of this mandate does not cover it")

            _ = try await fixture.stop(mandate.id, token: try fixture.personToken(first.person))
            #expect(try await !fixture.introspect(left).active)
            #expect(try await fixture.introspect(right).active)
        }
    }

    @Test("a mandate's last day ends at midnight of the place, also for contexts that are open")
    func midnight() async throws {
        try await RegistryFixture.with(civil: CivilTime { _ in 2 * 3600 }) { fixture in
            // Noon in universal time on the mandate's last day.
            let (today, holder) = (fixture.today, PersonID(UUID()))
            let dossier = try await fixture.dossier()
            _ = try await fixture.mandate(from: dossier, to: .person(holder), end: today)
            fixture.clock.advance(.seconds(10 * 3600 - 60))
            let context = try await fixture.open(dossier.id, subject: try fixture.personToken(holder))
            #expect(try await fixture.introspect(context).active)
            fixture.clock.advance(.seconds(60))
            #expect(try await !fixture.introspect(context).active)
            let again = try await fixture.exchange(dossier.id, subject: try fixture.personToken(holder))
            #expect(try again.status == 403 && again.reasons == ["mandate.expired"])
        }
    }

    @Test("who may not act is refused with the reason, and the refusal is recorded")
    func refusals() async throws {
        try await RegistryFixture.with { fixture in
            let (today, holder) = (fixture.today, PersonID(UUID()))
            let person = MandateRegistryDomain.Mandate.Holder.person(holder)
            let open = try await fixture.dossier()
            let past = try await fixture.dossier()
            let coming = try await fixture.dossier()
            let suspended = try await fixture.dossier(state: .suspended)
            let stopped = try await fixture.dossier()
            _ = try await fixture.mandate(from: open, to: person)
            _ = try await fixture.mandate(
                from: past, to: person, start: today.adding(days: -9), end: today.adding(days: -1))
            _ = try await fixture.mandate(from: coming, to: person, start: today.adding(days: 1))
            _ = try await fixture.mandate(from: suspended, to: person)
            let ended = try await fixture.mandate(from: stopped, to: person)
            _ = try await fixture.stop(ended.id, token: try fixture.personToken(stopped.person))

            let citizen = try fixture.personToken(holder)
            let cases: [(DossierID, String, String)] = [
                (open.id, try fixture.personToken(PersonID(UUID())), "mandate.none"),
                (open.id, try fixture.personToken(open.person), "mandate.none"),
                (open.id, try fixture.personToken(holder, .profession(open.profession)), "profile.not-suited"),
                (DossierID(UUID()), citizen, "mandate.none"), (past.id, citizen, "mandate.expired"),
                (coming.id, citizen, "mandate.not-started"), (suspended.id, citizen, "dossier.suspended"),
                (stopped.id, citizen, "mandate.stopped"),
            ]
            for (dossier, subject, reason) in cases {
                let answer = try await fixture.exchange(dossier, subject: subject)
                #expect(answer.status == 403)
                #expect(try answer.code == "decision.refused")
                #expect(try answer.reasons == [reason])
                #expect(answer.text.contains(#""error":"invalid_target""#))
            }
            let refused = try await fixture.count(
                "SELECT count(*) FROM audit_record WHERE action = 'dossier.open' AND outcome = 'refused'")
            #expect(refused == cases.count)
            #expect(try await fixture.count("SELECT count(*) FROM token") == 0)
        }
    }

    @Test("a request that is no exchange, or with a token of somebody else, is refused")
    func malformedExchanges() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let holder = PersonID(UUID())
            _ = try await fixture.mandate(from: dossier, to: .person(holder))
            let subject = try fixture.personToken(holder)
            // Every refusal says in OAuth's own member what kind it is.
            func exchange(_ changes: [String: String?], tab: String? = TestNumbers.tab) async throws -> Int {
                var fields: [String: String?] = [
                    "grant_type": DossierContextToken.grantType, "subject_token": subject,
                    "subject_token_type": DossierContextToken.accessTokenType,
                    "resource": "\(DossierContextToken.resourcePrefix)\(dossier.id)",
                ]
                fields.merge(changes) { $1 }
                let form = FormEncoding.encode(fields.compactMap { name, value in value.map { (name, $0) } })
                let answer = try await fixture.send(
                    .post, "/token", token: try fixture.serviceToken(scopes: [Scope.dossierContext]),
                    headers: tab.map { [.toegangTab: $0] } ?? [:], body: form,
                    type: "application/x-www-form-urlencoded")
                let errors = answer.status == 403 ? ["request", "scope", "target"] : ["request"]
                #expect(
                    answer.status == 200
                        || errors.contains { answer.text.contains("\"error\":\"invalid_\($0)\"") })
                return answer.status
            }
            #expect(try await exchange([:]) == 200)
            #expect(try await exchange(["grant_type": "client_credentials"]) == 422)
            #expect(try await exchange(["subject_token_type": nil]) == 422)
            #expect(try await exchange(["requested_token_type": "urn:ietf:params:oauth:token-type:jwt"]) == 422)
            #expect(try await exchange(["audience": "profile-resolution"]) == 422)
            #expect(try await exchange(["resource": "urn:toegang:dossier:1"]) == 422)
            #expect(try await exchange(["resource": nil]) == 422)
            #expect(try await exchange([:], tab: nil) == 422)
            #expect(try await exchange([:], tab: "short") == 422)
            #expect(try await exchange(["subject_token": nil]) == 400)
            #expect(try await exchange(["subject_token": "nonsense"]) == 401)
            let service = try fixture.serviceToken(scopes: [Scope.mandates])
            #expect(try await exchange(["subject_token": service]) == 403)
            let otherClient = try fixture.personToken(holder, client: "another-portal")
            #expect(try await exchange(["subject_token": otherClient]) == 403)
            let noScope = try fixture.personToken(holder, scopes: ["profiles"])
            #expect(try await exchange(["subject_token": noScope]) == 403)
        }
    }

    @Test("an executor acts for her organisation until her right, the organisation or the mandate ends")
    func enterprise() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let (executor, colleague) = (PersonID(UUID()), PersonID(UUID()))
            let organisation = try await fixture.organisation()
            _ = try await fixture.right(of: executor, in: organisation)
            _ = try await fixture.right(of: colleague, in: organisation, role: "member")
            _ = try await fixture.mandate(from: dossier, to: .organisation(organisation))
            let acting = try fixture.personToken(executor, .organisation(organisation))
            let context = try await fixture.introspect(try await fixture.open(dossier.id, subject: acting))
            #expect(context.active && context.organisationId == organisation)
            let others = [
                try fixture.personToken(executor), try fixture.personToken(colleague, .organisation(organisation)),
            ]
            for (subject, reason) in zip(others, ["mandate.none", "right.role-missing"]) {
                #expect(try await fixture.exchange(dossier.id, subject: subject).reasons == [reason])
            }
        }
    }

    @Test("a context dies with its time")
    func lifetime() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let holder = PersonID(UUID())
            _ = try await fixture.mandate(from: dossier, to: .person(holder))
            let context = try await fixture.open(dossier.id, subject: try fixture.personToken(holder))
            fixture.clock.advance(.seconds(299))
            #expect(try await fixture.introspect(context).active)
            fixture.clock.advance(.seconds(1))
            #expect(try await !fixture.introspect(context).active)
        }
    }

    @Test("midnight after the last day of a mandate or a right ends its contexts without any event")
    func lastDay() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let (holder, executor) = (PersonID(UUID()), PersonID(UUID()))
            let organisation = try await fixture.organisation()
            _ = try await fixture.right(of: executor, in: organisation, until: fixture.today)
            _ = try await fixture.mandate(from: dossier, to: .person(holder), end: fixture.today)
            _ = try await fixture.mandate(from: dossier, to: .organisation(organisation))
            // Noon, so two minutes before midnight is this much later.
            fixture.clock.advance(.seconds(12 * 3600 - 120))
            let contexts = [
                try await fixture.open(dossier.id, subject: try fixture.personToken(holder)),
                try await fixture.open(
                    dossier.id, subject: try fixture.personToken(executor, .organisation(organisation))),
            ]
            for context in contexts { #expect(try await fixture.introspect(context).active) }
            fixture.clock.advance(.seconds(121))
            for context in contexts { #expect(try await !fixture.introspect(context).active) }
        }
    }

    @Test("facts whose events are parked or halted are as good as missing: nothing is granted on them")
    func uncertainFacts() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let (holder, executor) = (PersonID(UUID()), PersonID(UUID()))
            let organisation = try await fixture.organisation()
            let right = try await fixture.right(of: executor, in: organisation)
            _ = try await fixture.mandate(from: dossier, to: .person(holder))
            _ = try await fixture.mandate(from: dossier, to: .organisation(organisation))
            let acting = try fixture.personToken(executor, .organisation(organisation))
            let context = try await fixture.open(dossier.id, subject: acting)

            try await fixture.halt("organisation-standing", "organisation-rights", key: right.uuid)
            #expect(try await !fixture.introspect(context).active)
            #expect(try await fixture.exchange(dossier.id, subject: acting).reasons == ["facts.unknown"])
            #expect(try await fixture.search(GrantorSearch(), token: acting).reasons == ["facts.unknown"])
            let citizen = try fixture.personToken(holder)
            #expect(try await fixture.exchange(dossier.id, subject: citizen).status == 200)

            try await fixture.halt("grantor-dossiers", "profile-resolution", key: dossier.id.uuid)
            #expect(try await fixture.exchange(dossier.id, subject: citizen).reasons == ["facts.unknown"])
        }
    }
}

extension RegistryFixture {
    /// Halts the partition of an aggregate, as the projection does when an event is missing.
    func halt(_ projection: String, _ source: String, key: UUID) async throws {
        try await database.transaction { session in
            try session.execute(
                """
                INSERT INTO position (projection, source, partition, state, reason)
                VALUES (\(projection), \(source), \(EventPartition.of(key)), 'halted', 'gap')
                ON CONFLICT (projection, source, partition) DO UPDATE SET state = 'halted', reason = 'gap'
                """)
        }
    }
}

@Suite("Dossier contexts under concurrency", .serialized)
struct DossierContextRaceTests {
    @Test("a stop and an exchange of the same mandate that race, 1,000 times, leave no live context")
    func stopAgainstExchange() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let holder = PersonID(UUID())
            let (grantor, subject) = (try fixture.personToken(dossier.person), try fixture.personToken(holder))
            var opened = 0
            for round in 0..<1_000 {
                let mandate = try await fixture.mandate(from: dossier, to: .person(holder))
                async let stopping = fixture.stop(mandate.id, token: grantor)
                async let exchanging = fixture.exchange(dossier.id, subject: subject)
                let (stopped, exchanged) = try await (stopping, exchanging)
                #expect(stopped.status == 200)
                guard exchanged.status == 200 else {
                    #expect(try exchanged.reasons == ["mandate.stopped"], "round \(round)")
                    continue
                }
                opened += 1
                let context = try exchanged.decode(DossierContextToken.self).accessToken
                #expect(try await !fixture.introspect(context).active, "round \(round)")
            }
            let live = try await fixture.count(
                """
                SELECT count(*) FROM token WHERE NOT EXISTS (
                    SELECT 1 FROM token_binding JOIN token_basis USING (kind, id)
                    WHERE token_binding.hash = token.hash AND ended_version >= version)
                """)
            #expect(live == 0)
            #expect(opened > 0 && opened < 1_000, "both orders have to occur, or the race is none: \(opened) opened")
            #expect(try await fixture.count("SELECT count(*) FROM outbox") == 1_000)
        }
    }
}
