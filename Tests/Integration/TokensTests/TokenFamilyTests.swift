import FoundationEssentials
import Postgres
import Testing
import Tokens
import Vocabulary

@Suite("Families of tokens")
struct TokenFamilyTests {
    private func start(_ fixture: TokenFixture, on basis: Basis) async throws -> (family: UUID, token: TokenSecret) {
        let family = UUID()
        let outcome = try await fixture.database.transaction { session in
            try fixture.store.startFamily(family, at: fixture.now, in: session)
            return try fixture.store.issue(
                fixture.draft(on: [VersionedBasis(basis, version: 1)], family: family), in: session)
        }
        guard case .issued(let token) = outcome else { throw TokenFixture.Refused() }
        return (family, token)
    }

    @Test("a family that ends takes all its tokens along, also those of many refreshes, and ends once")
    func endOfFamily() async throws {
        try await TokenFixture.with { fixture in
            let basis = fixture.basis("session")
            let (family, first) = try await start(fixture, on: basis)
            let (_, other) = try await start(fixture, on: basis)
            let second = try await fixture.issue(on: basis, family: family)
            #expect(try await fixture.state(second) == .active)
            func end() async throws -> Bool {
                try await fixture.database.transaction { session in
                    try fixture.store.endFamily(family, reason: .reuse, at: fixture.now, in: session)
                }
            }
            #expect(try await end())
            #expect(try await !end())
            for token in [first, second] { #expect(try await fixture.state(token) == .familyEnded) }
            #expect(try await fixture.state(other) == .active)
        }
    }

    @Test("pruning removes in chunks what expired, with idle families and bases, and keeps tombstones")
    func pruning() async throws {
        try await TokenFixture.with { fixture in
            let ended = fixture.basis("session")
            _ = try await start(fixture, on: ended)
            try await fixture.end(ended, version: 1)
            for _ in 0..<4 { _ = try await start(fixture, on: fixture.basis("session")) }
            func prune(at time: Duration) async throws -> Pruned {
                try await fixture.database.transaction { session in
                    try fixture.store.prune(before: fixture.now.adding(time), limit: 2, in: session)
                }
            }
            #expect(try await prune(at: .seconds(300)).isEmpty, "nothing has expired before its last moment")
            var removed = 0
            var turns = 0
            while case let pruned = try await prune(at: .seconds(301)), !pruned.isEmpty {
                #expect(pruned.tokens <= 2 && pruned.families <= 2 && pruned.bases <= 2)
                removed += pruned.tokens
                turns += 1
            }
            #expect(removed == 5 && turns >= 3)
            #expect(try await fixture.count("token") == 0)
            #expect(try await fixture.count("token_family") == 0)
            #expect(try await fixture.count("token_basis") == 1, "the tombstone stays")
            let tombstones = try await fixture.database.transaction { session in
                try fixture.store.pruneTombstones(
                    kind: "session", endedBefore: fixture.now.adding(.seconds(1)), in: session)
            }
            #expect(tombstones == 1)
            #expect(try await fixture.count("token_basis") == 0)
        }
    }

    @Test("pruning looks at what it removes, not at what is alive")
    func pruningReadsLittle() async throws {
        try await TokenFixture.with { fixture in
            for _ in 0..<3 { _ = try await start(fixture, on: fixture.basis("session")) }
            // Twenty thousand families that live on, each with a token on a session of its own.
            try await fixture.database.transaction { session in
                try session.execute(
                    """
                    WITH alive AS (SELECT gen_random_uuid() AS family, gen_random_uuid() AS basis, number
                                   FROM generate_series(1, 20000) AS number),
                    families AS (INSERT INTO token_family (id, started_at)
                                 SELECT family, \(fixture.now) FROM alive RETURNING id),
                    bases AS (INSERT INTO token_basis (kind, id) SELECT 'session', basis FROM alive RETURNING id)
                    INSERT INTO token (hash, purpose, family, claims, issued_at, expires_at)
                    SELECT sha256(number::text::bytea), 'refresh', family, '{}', \(fixture.now),
                        \(fixture.now.adding(.seconds(90_000)))
                    FROM alive
                    """)
            }
            try await fixture.database.transaction { session in
                try session.execute(
                    """
                    INSERT INTO token_binding (hash, kind, id, version)
                    SELECT token.hash, basis.kind, basis.id, 1
                    FROM (SELECT hash, row_number() OVER () AS number FROM token WHERE purpose = 'refresh'
                            AND expires_at > \(fixture.now.adding(.seconds(80_000)))) AS token
                    JOIN (SELECT kind, id, row_number() OVER () AS number FROM token_basis) AS basis USING (number)
                    """)
                try session.execute("ANALYZE token, token_family, token_basis, token_binding")
            }
            // The counters of a connection may still have what its transactions of the last second read.
            let counter: SQL = """
                SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_xact_user_tables
                WHERE relname IN ('token', 'token_family', 'token_basis', 'token_binding')
                """
            let (before, after) = try await fixture.database.transaction { session in
                let before = try session.first(counter)?.decode(Int64.self)
                let pruned = try fixture.store.prune(before: fixture.now.adding(.seconds(1000)), in: session)
                #expect(pruned.tokens == 3 && pruned.families == 3 && pruned.bases <= 3)
                return (before, try session.first(counter)?.decode(Int64.self))
            }
            #expect(try #require(after) - #require(before) < 200)
        }
    }
}
