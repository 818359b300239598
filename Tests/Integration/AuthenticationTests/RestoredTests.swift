import AuditTrail
import Authentication
import AuthenticationContracts
import AuthenticationDomain
import ContractCore
import EventOutbox
import FoundationEssentials
import Postgres
import TestStore
import Testing
import Vocabulary

@Suite("After a restore from a backup")
struct RestoredTests {
    @Test("sessions, families, tokens, codes, runs and the steps of apps that began before open nothing any more")
    func ended() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let choice = InteractionChoice(profile: .citizen, bases: [])
                let tokens = try await world.tokens(account, &browser, picking: choice)
                let refresh = try #require(tokens.refreshToken)
                let moment = world.clock.now.adding(.seconds(1))
                try await world.parts.endAfterRestore.end(before: moment)
                let database = world.database.database
                for (what, sql) in [
                    ("sessions", "SELECT count(*) FROM person_session WHERE ended_at IS NULL"),
                    ("families", "SELECT count(*) FROM token_family WHERE ended_at IS NULL"),
                    ("tokens", "SELECT count(*) FROM token WHERE ended_at IS NULL"),
                    ("codes", "SELECT count(*) FROM authorization_code"),
                    ("runs", "SELECT count(*) FROM sign_in_transaction"),
                ] as [(String, SQL)] {
                    let row = try await database.read { session in try session.first(sql) }
                    #expect(try row?.decode(Int64.self) == 0, "\(what)")
                }
                let step = world.parts.policy.appCode.step(at: moment)
                let last = try await database.read { session in
                    try world.parts.accounts.find(of: account.person, in: session)?.lastCodeStep
                }
                #expect(last ?? 0 >= step)
                #expect(!refresh.isEmpty)
            }
        }
    }

    @Test("a session that was lost is taken back, and each API is told that it opens nothing")
    func lostSession() async throws {
        try await World.with { world in
            let after = world.parts.endAfterRestore
            let key = UUID()
            let drafts = after.takeBack(ToldAggregate(kind: "session", key: key, version: 2, envelope: ""))
            #expect(drafts.map(\.type) == [SessionState.voided, AccessEnded.ended])
            #expect(drafts.map(\.stream) == [nil, .access])
            #expect(drafts.allSatisfy { $0.key == key })
            let person = after.takeBack(ToldAggregate(kind: "person", key: key, version: 2, envelope: ""))
            #expect(person.map(\.type) == ["person.voided"])
        }
    }

    @Test("accounts are named whose sessions were ended for security, and what cannot be known is said")
    func accounts() async throws {
        try await World.with { world in
            let account = try await world.account()
            let database = world.database.database
            let report = AccountsAfterRestore(database: database, accounts: world.parts.accounts)
            #expect(try await report.lines().isEmpty)
            let (audit, now) = (UUID(), world.clock.now)
            @Sendable func told(_ person: PersonID, _ sequence: Int64) -> SQL {
                """
                INSERT INTO outbox (source, partition, sequence, event_id, previous_id, key, type, audit_id, envelope)
                VALUES ('authentication', 0, \(sequence), \(UUID()), \(sequence == 1 ? nil : UUID()), \(UUID()),
                    \(SessionState.ended), \(audit),
                    json_build_object('data', json_build_object('personId', \("\(person)")::text, 'endReason', 'security')))
                """
            }
            try await database.transaction { session in
                try session.execute("INSERT INTO outbox_restoration (found_at) VALUES (\(now))")
                try session.execute(told(account.person, 1))
                try session.execute(told(PersonID(UUID()), 2))
                try session.execute("INSERT INTO outbox_adopted (event_id) SELECT event_id FROM outbox")
            }
            let lines = try await report.lines()
            #expect(lines.contains { $0.contains(account.userName) && $0.hasSuffix("open now") })
            #expect(lines.contains("  and 1 that this database does not have any more"))
            #expect(lines.last?.contains("cannot be known from here") == true)
        }
    }

    @Test("an assertion that was made before is not taken, one that was made after it is taken once")
    func assertions() async throws {
        try await World.with { world in
            let store = ClientAssertionStore()
            let restored = world.clock.now
            try await world.database.database.transaction { session in
                try session.execute("INSERT INTO outbox_restoration (found_at) VALUES (\(restored))")
            }
            func take(_ id: String, at made: Instant) async throws -> ClientAssertionStore.Taken {
                try await world.database.database.transaction { session in
                    try store.take(
                        client: "portal", id: id, for: nil, madeAt: made, expiresAt: made.adding(.seconds(60)),
                        in: session)
                }
            }
            #expect(try await take("old", at: restored.adding(.seconds(-1))) == .beforeRestoration)
            #expect(try await take("new", at: restored.adding(.seconds(1))) == .first)
            #expect(try await take("new", at: restored.adding(.seconds(1))) == .again)
        }
    }

    @Test("a person who was lost and is met again has the id by which others know her")
    func sameID() async throws {
        try await World.with { world in
            let (parts, number, now) = (
                world.parts, try World.nationalNumber(sequence: 997), world.clock.now
            )
            func meet() async throws -> PersonID? {
                try await world.database.database.transaction { session in
                    try parts.persons.findOrCreate(
                        [number], at: now, newID: parts.hashes.person(of:), in: session)[number]
                }
            }
            let first = try await meet()
            try await world.database.database.transaction { session in
                try session.execute("DELETE FROM person WHERE id = \(first)")
            }
            #expect(try await meet() == first)
            let other = parts.hashes.person(of: try World.nationalNumber(sequence: 996))
            #expect(other != first)
        }
    }
}
