import Authentication
import Postgres
import Process
import TestStore
import Testing

@Suite("account show")
struct AccountShowTests {
    @Test("sessions are counted, and past a thousand it says that there are more", arguments: [0, 3, 1000, 1001, 1500])
    func sessions(_ count: Int) async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.database.database.transaction { session in
                try session.execute(
                    """
                    INSERT INTO person_session
                        (id, person_id, cookie_hash, digital_key, acr, language, started_at, last_used_at)
                    SELECT gen_random_uuid(), \(account.person), decode(md5(i::text) || md5(i::text), 'hex'), 'app-code',
                        400, 'nl', \(world.clock.now), \(world.clock.now)
                    FROM generate_series(1, \(count)) AS i
                    """)
            }
            let lines = try await world.parts.administerAccount
                .show(OperatorWish(subject: account.userName, commandedBy: "the test"))
            #expect(lines.contains("sessions       \(count > 1000 ? "at least 1000" : String(count))"))
        }
    }
}
