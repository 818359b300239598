import Postgres
import TestBasics
import TestStore
import Testing

@Suite("Listening")
struct ListenTests {
    /// Waits for the next signal; false when there is none within the limit.
    private func signalled(_ signals: AsyncStream<Void>, within limit: Duration = .seconds(15)) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in signals { return true }
                return false
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
    }

    private func notify(_ test: TestDatabase, _ channel: String) async throws {
        try await test.database.read { session in
            _ = try session.query("SELECT pg_notify(\(channel), '')")
        }
    }

    @Test("each notification is heard, those of other channels are not, and many at once count as one")
    func notifications() async throws {
        try await withFixtures { test in
            let signals = test.database.listen("outbox Here")
            #expect(await signalled(signals))
            try await notify(test, "outbox Here")
            #expect(await signalled(signals))
        }
    }

    @Test("after the connection is lost it listens again and says so")
    func reconnect() async throws {
        try await withFixtures { test in
            let first = test.database.listen("outbox")
            var iterator = first.makeAsyncIterator()
            #expect(await iterator.next() != nil)
            let outside = Database(test.superuser, logger: quiet)
            let ended = try await outside.read { session in
                try session.query(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND query LIKE 'LISTEN%'
                    """
                ).count
            }
            await outside.shutdown()
            #expect(ended == 1)
            #expect(await iterator.next() != nil)
            try await notify(test, "outbox")
            #expect(await iterator.next() != nil)
        }
    }

    @Test("shutdown ends the stream")
    func shutdown() async throws {
        try await withFixtures { test in
            let database = Database(test.configuration, logger: quiet)
            var iterator = database.listen("outbox").makeAsyncIterator()
            #expect(await iterator.next() != nil)
            await database.shutdown()
            #expect(await iterator.next() == nil)
        }
    }

    @Test("whoever stops looking ends the listening connection")
    func abandoned() async throws {
        try await withFixtures { test in
            let reader = Task { [database = test.database] in
                for await _ in database.listen("outbox") {}
            }
            let began = try await eventually { try await listeners(test) == 1 }
            #expect(began)
            reader.cancel()
            let ended = try await eventually { try await listeners(test) == 0 }
            #expect(ended)
        }
    }

    private func listeners(_ test: TestDatabase) async throws -> Int {
        // A service's role sees only the queries of connections that entered as that role.
        let outside = Database(test.superuser, logger: quiet)
        let count = try await outside.read { session in
            try session.first(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND query LIKE 'LISTEN%'
                """)?.decode(Int.self)
        }
        await outside.shutdown()
        return count ?? -1
    }
}
