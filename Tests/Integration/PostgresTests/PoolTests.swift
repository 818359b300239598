import Async
import Logging
import Postgres
import ServiceLifecycle
import Synchronization
import TestBasics
import TestStore
import Testing

@Suite("Pool, cancellation and recovery")
struct PoolTests {
    /// Occupies a connection until the statement is cancelled or over.
    private func sleeper(_ database: Database, seconds: Int = 4) -> Task<Void, any Error> {
        Task { _ = try await database.read { try $0.query("SELECT pg_sleep(\(Double(seconds)))") } }
    }

    private func one(_ database: Database) async throws -> Int32? {
        try await database.read { try $0.first("SELECT 1")?.decode(Int32.self) }
    }

    private func running(_ test: TestDatabase, _ text: String = "%pg_sleep%") async throws -> Int {
        let outside = Database(test.superuser, logger: quiet)
        let count = try await outside.read { session in
            try session.first(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND state <> 'idle' AND query LIKE \(text)
                  AND pid <> pg_backend_pid()
                """)?.decode(Int.self)
        }
        await outside.shutdown()
        return count ?? -1
    }

    @Test("whoever waits too long for a connection is told that the database is unavailable")
    func deadline() async throws {
        try await withFixtures(poolSize: 1) { test in
            var configuration = test.configuration
            configuration.waitDeadline = .milliseconds(200)
            let database = Database(configuration, logger: quiet)
            let sleeper = sleeper(database)
            #expect(try await eventually { try await running(test) == 1 })
            let start = ContinuousClock.now
            let error = try await failure { try await database.read { try $0.query("SELECT 1") } }
            let waited = ContinuousClock.now - start
            #expect(error?.isUnavailable == true)
            #expect(waited >= .milliseconds(200))
            #expect(waited < .seconds(3))
            sleeper.cancel()
            _ = await sleeper.result
            await database.shutdown()
        }
    }

    @Test("more waiters than allowed are refused at once")
    func tooManyWaiters() async throws {
        try await withFixtures { test in
            var configuration = test.configuration
            configuration.poolSize = 1
            configuration.maximumWaiters = 0
            let database = Database(configuration, logger: quiet)
            let sleeper = sleeper(database)
            #expect(try await eventually { try await running(test) == 1 })
            let error = try await failure { try await database.read { try $0.query("SELECT 1") } }
            #expect(error?.isUnavailable == true)
            sleeper.cancel()
            _ = await sleeper.result
            await database.shutdown()
        }
    }

    @Test("a hundred tasks share three connections")
    func sharing() async throws {
        try await withFixtures(poolSize: 3) { test in
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...100 {
                    group.addTask {
                        try await test.database.transaction { session in
                            try session.first("SELECT \(number)")?.decode(Int.self) ?? 0
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == 5_050)
            let outside = Database(test.superuser, logger: quiet)
            let connections = try await outside.read { session in
                try session.first(
                    """
                    SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
                    """)?.decode(Int.self)
            }
            await outside.shutdown()
            #expect(try #require(connections) <= 3)
        }
    }

    @Test("a cancelled task's statement is gone from the server, its transaction rolled back")
    func cancellation() async throws {
        try await withFixtures(poolSize: 1) { test in
            let task = Task {
                try await test.database.transaction { session in
                    try session.execute(
                        "INSERT INTO thing (thing_id, name, number) VALUES (gen_random_uuid(), 'a', 1)")
                    _ = try session.query("SELECT pg_sleep(4)")
                }
            }
            #expect(try await eventually { try await running(test) == 1 })
            let start = ContinuousClock.now
            task.cancel()
            let error = try await failure { try await task.value }
            #expect(error?.kind == .cancelled)
            #expect(ContinuousClock.now - start < .seconds(3))
            #expect(try await running(test) == 0)
            let count = try await test.database.read { try $0.first("SELECT count(*) FROM thing")?.decode(Int.self) }
            #expect(count == 0)
        }
    }

    @Test("a cancellation never meets the statement of whoever has the connection next")
    func cancellationRace() async throws {
        try await withFixtures(poolSize: 1) { test in
            for round in 0..<150 {
                let task = Task { try await test.database.read { try $0.query("SELECT pg_sleep(0.001)") } }
                let pause = Duration.microseconds(round * 20)
                try await Task.sleep(for: pause)
                task.cancel()
                let next = try await test.database.read { try $0.first("SELECT \(round)")?.decode(Int.self) }
                #expect(next == round)
                _ = await task.result
            }
        }
    }

    @Test("a task that is cancelled while it waits for a connection gives its place in the queue up")
    func cancelledWaiter() async throws {
        try await withFixtures(poolSize: 1) { test in
            let sleeper = sleeper(test.database)
            #expect(try await eventually { try await running(test) == 1 })
            let waiter = Task { try await test.database.read { try $0.query("SELECT 1") } }
            waiter.cancel()
            let error = try await failure { try await waiter.value }
            #expect(error?.kind == .cancelled)
            sleeper.cancel()
            _ = await sleeper.result
        }
    }

    @Test("a statement beyond its limit and a lock beyond its limit are told apart")
    func limits() async throws {
        try await withFixtures { test in
            var configuration = test.configuration
            configuration.statementTimeout = .milliseconds(300)
            configuration.lockTimeout = .milliseconds(100)
            let database = Database(configuration, logger: quiet)
            let slow = try await failure { try await database.read { try $0.query("SELECT pg_sleep(2)") } }
            #expect(slow?.isStatementTimeout == true)
            let locked = Mutex(false)
            let holder = Task {
                try await test.database.transaction { session in
                    try session.execute("SELECT pg_advisory_xact_lock(1)")
                    locked.withLock { $0 = true }
                    _ = try session.query("SELECT pg_sleep(2)")
                }
            }
            #expect(try await eventually { locked.withLock { $0 } })
            let blocked = try await failure { try await database.read { try $0.query("SELECT pg_advisory_lock(1)") } }
            #expect(blocked?.isLockTimeout == true)
            holder.cancel()
            _ = await holder.result
            await database.shutdown()
        }
    }

    @Test("connections that the server ended are replaced before anybody notices")
    func terminated() async throws {
        try await withFixtures(poolSize: 3) { test in
            let outside = Database(test.superuser, logger: quiet)
            for round in 0..<5 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<3 {
                        group.addTask { _ = try await test.database.read { try $0.query("SELECT pg_sleep(0.02)") } }
                    }
                    try await group.waitForAll()
                }
                let ended = try await outside.read { session in
                    try session.query(
                        """
                        SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                        WHERE datname = current_database() AND pid <> pg_backend_pid()
                        """
                    ).count
                }
                #expect(ended >= 1)
                let value = try await test.database.read { try $0.first("SELECT \(round)")?.decode(Int.self) }
                #expect(value == round)
            }
            await outside.shutdown()
        }
    }

    @Test("a connection that ends in the middle of a statement is an error of that call only")
    func terminatedInUse() async throws {
        try await withFixtures(poolSize: 1) { test in
            let sleeper = sleeper(test.database)
            #expect(try await eventually { try await running(test) == 1 })
            let outside = Database(test.superuser, logger: quiet)
            try await outside.read { session in
                _ = try session.query(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()
                    """)
            }
            await outside.shutdown()
            let error = try await failure { try await sleeper.value }
            #expect(error?.isUnavailable == true)
            #expect(try await one(test.database) == 1)
        }
    }

    @Test("after a crash of the server the same pool goes on")
    func crash() async throws {
        let cluster = try PostgresCluster()
        let database = Database(cluster.superuser(), logger: quiet)
        #expect(try await one(database) == 1)
        try cluster.crash()
        #expect(
            try await eventually(within: .seconds(60)) {
                let value = try? await one(database)
                return value == 1
            })
        await database.shutdown()
    }

    @Test("a database that is down at start is an error of each call, and is used once it is there")
    func down() async throws {
        var configuration = try await withFixtures { $0.configuration }
        configuration.host = "/tmp/toegang-no-such-folder"
        configuration.waitDeadline = .milliseconds(300)
        let database = Database(configuration, logger: quiet)
        let error = try await failure { try await database.read { try $0.query("SELECT 1") } }
        #expect(error?.isUnavailable == true)
        #expect(error?.description.contains("unavailable after waiting") == true)
        await database.shutdown()
    }

    @Test("shutdown lets running work end, and refuses new work")
    func drain() async throws {
        try await withFixtures(poolSize: 2) { test in
            let database = Database(test.configuration, logger: quiet)
            let group = ServiceGroup(
                configuration: .init(services: [.init(service: database)], logger: quiet))
            let running = Task { try await group.run() }
            let work = Task {
                try await database.read { try $0.first("SELECT 5::int8 FROM pg_sleep(0.5)")?.decode(Int.self) }
            }
            #expect(try await eventually { try await self.running(test) == 1 })
            await group.triggerGracefulShutdown()
            #expect(try await work.value == 5)
            try await running.value
            let error = try await failure { try await database.read { try $0.query("SELECT 1") } }
            #expect(error?.isUnavailable == true)
        }
    }
}
