import Async
import ContractCore
import Crypto
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import OrganisationRights
import OrganisationRightsContracts
import Postgres
import Process
import TestService
import TestStore
import TestTokens
import Testing
import Vocabulary
import Web

@Suite("Giving and ending rights")
struct GiveAndEndTests {
    @Test("a manager finds her organisations; somebody else has none")
    func managed() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            let response = try await fixture.call(
                .get, "/me/organisations", token: fixture.token(of: Sample.chief))
            let mine: ManagedOrganisations = try response.decoded()
            #expect(mine.organisations.map(\.organisationId) == [hospital])
            #expect(mine.organisations.first?.managerRole == .chiefAccessManager)
            #expect(mine.organisations.first?.name == "Ziekenhuis")
            let none = try await fixture.call(
                .get, "/me/organisations", token: fixture.token(of: Sample.subject))
            #expect(try none.decoded(as: ManagedOrganisations.self).organisations.isEmpty)
        }
    }

    @Test("a right that is given is listed with a masked number, published once, and recorded once")
    func give() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            let response = try await fixture.give(in: hospital, by: Sample.manager)
            #expect(response.status == .created)
            let position = try #require(response.headers[.toegangPosition])
            #expect(Positions(header: position) != nil)
            let changed: RightChanged = try response.decoded()
            let listed = try await fixture.rights(in: hospital, by: Sample.chief)
            let right = try #require(listed.rights.first)
            #expect(listed.rights.count == 1)
            #expect(right.rightId == changed.rightId)
            #expect(right.maskedNationalNumber == Sample.subjectMasked)
            #expect(right.status == .active && right.personName == "De Smet")
            fixture.call(Sample.subject, first: "Jan", last: "De Smet")
            let named = try await fixture.rights(in: hospital, by: Sample.chief)
            #expect(named.rights.first?.personName == "Jan De Smet" && named.rights.first?.nameUnavailable == false)
            fixture.neighbour.persons.tellsNames.withLock { $0 = false }
            let away = try await fixture.rights(in: hospital, by: Sample.chief)
            #expect(away.rights.first?.personName == nil && away.rights.first?.nameUnavailable == true)
            #expect(Set(listed.roles.keys) == ["mandate-executor", "member"])
            #expect(listed.roles["member"]?["nl"] == "Medewerker")
            let events = try await fixture.events(RightState.given)
            let audits = try await fixture.audits("right.give", "allowed")
            #expect(events == 1)
            #expect(audits == 1)
            let after = try await fixture.call(
                .get, "/organisations/\(hospital)/rights", token: fixture.token(of: Sample.chief),
                headers: [.toegangAfter: position])
            #expect(after.status == .ok)
        }
    }

    @Test("the same active right twice is a conflict, and so is ending one twice")
    func twice() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            let first: RightChanged = try await fixture.give(in: hospital, by: Sample.chief).decoded()
            let again = try await fixture.give(in: hospital, by: Sample.manager)
            #expect(again.status == .conflict)
            #expect(again.reasons == ["right.already-given"])
            let ended = try await fixture.end(first.rightId, in: hospital, by: Sample.manager)
            #expect(ended.status == .ok)
            #expect(ended.headers[.toegangPosition] != nil)
            #expect(try ended.decoded(as: RightChanged.self).status == .ended)
            #expect(try ended.decoded(as: RightChanged.self).version == 2)
            let endedAgain = try await fixture.end(first.rightId, in: hospital, by: Sample.manager)
            #expect(endedAgain.status == .conflict)
            #expect(endedAgain.reasons == ["right.ended"])
            let anew = try await fixture.give(in: hospital, by: Sample.chief)
            #expect(anew.status == .created)
            let counts = [
                try await fixture.events(RightState.given), try await fixture.events(RightState.ended),
                try await fixture.audits("right.give", "refused"), try await fixture.audits("right.end", "refused"),
            ]
            #expect(counts == [2, 1, 1, 1])
        }
    }

    @Test("another role, or a period that does not touch, is another right")
    func others() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            let today = fixture.today
            let responses = [
                try await fixture.give(from: today, to: today.adding(days: 9), in: hospital, by: Sample.chief),
                try await fixture.give(role: "member", in: hospital, by: Sample.chief),
                try await fixture.give(from: today.adding(days: 10), in: hospital, by: Sample.chief),
                try await fixture.give(from: today.adding(days: 9), in: hospital, by: Sample.chief),
            ]
            #expect(responses.map(\.status) == [.created, .created, .created, .conflict])
        }
    }

    @Test("sixteen managers who give the same right at the same moment give it once")
    func race() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<16 {
                    group.addTask { Int(try await fixture.give(in: hospital, by: Sample.chief).status.code) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.filter { $0 == 201 }.count == 1)
            #expect(statuses.filter { $0 == 409 }.count == 15)
            let counts = [
                try await fixture.events(RightState.given), try await fixture.audits("right.give", "allowed"),
                try await fixture.audits("right.give", "refused"),
            ]
            #expect(counts == [1, 1, 15])
        }
    }

    @Test("an organisation does not exist to whoever is nothing there, not even as a manager of another")
    func strangers() async throws {
        try await Fixture.with { fixture in
            let (hospital, insurer) = try await fixture.populate()
            let given: RightChanged = try await fixture.give(in: hospital, by: Sample.chief).decoded()
            let asked = fixture.neighbour.persons.questions
            let responses = [
                try await fixture.call(
                    .get, "/organisations/\(hospital)/rights", token: fixture.token(of: Sample.other)),
                try await fixture.give(in: hospital, by: Sample.other),
                try await fixture.end(given.rightId, in: hospital, by: Sample.other),
                // In her own organisation there is no such right either.
                try await fixture.end(given.rightId, in: insurer, by: Sample.other),
                try await fixture.call(
                    .get, "/organisations/\(UUID())/rights", token: fixture.token(of: Sample.chief)),
                try await fixture.call(
                    .get, "/organisations/hospital/rights", token: fixture.token(of: Sample.chief)),
            ]
            #expect(responses.map(\.status) == Array(repeating: .notFound, count: 6))
            #expect(responses.allSatisfy { $0.problem == "resource.not-found" && $0.reasons.isEmpty })
            // Nobody but a manager can have persons made.
            #expect(fixture.neighbour.persons.questions == asked)
            let refused = try await fixture.audits("right.give", "refused")
            #expect(refused == 1)
        }
    }

    @Test("a right cannot begin before today, have an unknown role, or be in a stopped organisation")
    func refused() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            let given: RightChanged = try await fixture.give(in: hospital, by: Sample.chief).decoded()
            let early = try await fixture.give(
                Sample.other, from: fixture.today.adding(days: -1), in: hospital, by: Sample.chief)
            #expect(early.status == .forbidden)
            #expect(early.reasons == ["right.retroactive"])
            let unknown = try await fixture.give(Sample.other, role: "director", in: hospital, by: Sample.chief)
            #expect(unknown.reasons == ["right.role-unknown"])
            _ = try await fixture.take("organisations", "\(Sample.hospital),,Ziekenhuis,orghospital,stopped")
            let stopped = try await fixture.give(Sample.other, in: hospital, by: Sample.chief)
            #expect(stopped.reasons == ["organisation.stopped"])
            let mine = try await fixture.call(.get, "/me/organisations", token: fixture.token(of: Sample.chief))
            #expect(try mine.decoded(as: ManagedOrganisations.self).organisations.isEmpty)
            // Less access is always possible.
            let ended = try await fixture.end(given.rightId, in: hospital, by: Sample.chief)
            #expect(ended.status == .ok)
            let counts = [
                try await fixture.events(OrganisationState.stopped), try await fixture.audits("right.give", "refused"),
            ]
            #expect(counts == [1, 3])
        }
    }

    @Test(
        "a body that is not what the contract says is refused, without repeating what was sent",
        arguments: [
            (
                #"{"nationalNumber": "71093099348", "lastName": "De Smet", "role": "member", "startsOn": "2099-01-01"}"#,
                422
            ),
            (
                #"{"nationalNumber": "71093099349", "lastName": "De Smet", "role": "member", "startsOn": "2099-13-01"}"#,
                422
            ),
            (
                #"{"nationalNumber": "71093099349", "lastName": "De Smet", "role": "member", "startsOn": "2099-01-02", "endsOn": "2099-01-01"}"#,
                422
            ),
            (#"{"nationalNumber": "71093099349", "lastName": "De Smet", "role": "member"}"#, 400),
            (#"{"nationalNumber": "71093099349", "role": "member", "startsOn": "2099-01-01"}"#, 400),
            (#"{"nationalNumber": "71093099349", "lastName": " ", "role": "member", "startsOn": "2099-01-01"}"#, 422),
            (
                #"{"nationalNumber": 71093099349, "lastName": "De Smet", "role": "member", "startsOn": "2099-01-01"}"#,
                400
            ),
            (#"{"nationalNumber""#, 400), ("", 400), (String(repeating: " ", count: 4 * 1024 + 1), 413),
        ])
    func malformed(_ body: String, _ status: Int) async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            let response = try await fixture.call(
                .post, "/organisations/\(hospital)/rights", token: fixture.token(of: Sample.chief), body: body)
            #expect(Int(response.status.code) == status)
            #expect(!response.text.contains("7109309934"))
            let given = try await fixture.events(RightState.given)
            #expect(given == 0)
        }
    }

    @Test("each operation refuses no token, a service's token, another scope and another audience")
    func tokens() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            let issuer = fixture.neighbour.issuer
            let person = fixture.neighbour.persons.id(Sample.chief)
            let tokens: [(String?, Int, String)] = [
                (nil, 401, "token.missing"), ("not-a-token", 401, "token.invalid"),
                (
                    try issuer.personToken(person, for: .mandateRegistry, scopes: [Scope.organisations]), 401,
                    "token.invalid"
                ),
                (
                    try issuer.serviceToken(for: .organisationRights, scopes: [Scope.organisations]), 403,
                    "token.wrong-kind"
                ),
                (
                    try issuer.personToken(person, for: .organisationRights, scopes: [Scope.mandates]), 403,
                    "token.scope-missing"
                ),
            ]
            let operations: [(HTTPRequest.Method, String, String?)] = [
                (.get, "/me/organisations", nil), (.get, "/organisations/\(hospital)/rights", nil),
                (.post, "/organisations/\(hospital)/rights", "{}"),
                (.post, "/organisations/\(hospital)/rights/\(UUID())/end", nil),
            ]
            for (method, path, body) in operations {
                for (token, status, code) in tokens {
                    let response = try await fixture.call(method, path, token: token, body: body)
                    #expect(Int(response.status.code) == status, "\(method) \(path)")
                    #expect(response.problem == code, "\(method) \(path)")
                }
            }
        }
    }

    @Test("while authentication-service is away nothing is given, the rest works, and the caller is told to try again")
    func neighbourAway() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            let away = try ServiceBase.test(
                OrganisationRightsService.name, database: fixture.database.database,
                issuer: TestIssuer(issuer: "http://127.0.0.1:9", key: fixture.neighbour.issuer.key),
                clientKey: P256.Signing.PrivateKey(), logger: quiet)
            let assembly = try await OrganisationRightsService.make(fixture.config, away)
            try await Fixture.serve(assembly, away) { client in
                let lonely = fixture.over(client, away)
                let response = try await lonely.give(in: hospital, by: Sample.chief)
                #expect(response.status == .serviceUnavailable)
                #expect(response.problem == "service.dependency-unavailable")
                #expect(response.headers[.retryAfter] != nil)
                let listed = try await lonely.rights(in: hospital, by: Sample.chief)
                #expect(listed.rights.isEmpty)
            }
        }
    }

    @Test("what counts and what was taken away are two lists, and each right can be looked at")
    func lists() async throws {
        try await Fixture.with { fixture in
            let (hospital, other) = try await fixture.populate()
            let kept: RightChanged = try await fixture.give(in: hospital, by: Sample.chief).decoded()
            let gone: RightChanged = try await fixture.give(role: "member", in: hospital, by: Sample.chief).decoded()
            #expect(try await fixture.end(gone.rightId, in: hospital, by: Sample.chief).status == .ok)
            let token = try fixture.token(of: Sample.manager)
            func listed(_ query: String) async throws -> [RightID] {
                let page: OrganisationRights = try await fixture.call(
                    .get, "/organisations/\(hospital)/rights\(query)", token: token
                ).decoded()
                return page.rights.map(\.rightId)
            }
            #expect(try await listed("") == [kept.rightId])
            #expect(try await listed("?status=active") == [kept.rightId])
            #expect(try await listed("?status=ended") == [gone.rightId])
            let strange = try await fixture.call(.get, "/organisations/\(hospital)/rights?status=all", token: token)
            #expect(strange.status == .unprocessableContent)
            for (right, status) in [(kept, RightStanding.active), (gone, .ended)] {
                let path = "/organisations/\(hospital)/rights/\(right.rightId)"
                let shown: OrganisationRights.Right = try await fixture.call(.get, path, token: token).decoded()
                #expect(shown.rightId == right.rightId && shown.status == status)
                #expect(shown.maskedNationalNumber == Sample.subjectMasked)
                let stranger = try await fixture.call(.get, path, token: try fixture.token(of: Sample.other))
                #expect(stranger.status == .notFound)
                let elsewhere = "/organisations/\(other)/rights/\(right.rightId)"
                #expect(try await fixture.call(.get, elsewhere, token: token).status == .notFound)
            }
        }
    }

    @Test("a long list comes a page at a time, newest first, each right once")
    func pages() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            try await fixture.database.database.transaction { session in
                try session.execute(
                    """
                    INSERT INTO granted_right (id, version, organisation_id, person_id, masked_number, role, starts_on,
                        given_at)
                    SELECT gen_random_uuid(), 1, \(hospital), gen_random_uuid(), \(Sample.subjectMasked), 'member',
                        \(fixture.today), now()
                    FROM generate_series(1, 450)
                    """)
            }
            var seen: [RightID] = []
            var next: RightID?
            repeat {
                let query = next.map { "?after=\($0)" } ?? ""
                let response = try await fixture.call(
                    .get, "/organisations/\(hospital)/rights\(query)", token: fixture.token(of: Sample.chief))
                let page: OrganisationRights = try response.decoded()
                #expect(page.rights.count <= 200)
                seen += page.rights.map(\.rightId)
                next = page.next
            } while next != nil
            #expect(seen.count == 450)
            #expect(Set(seen).count == 450)
            #expect(seen.map(\.description) == seen.map(\.description).sorted(by: >))
        }
    }
}
