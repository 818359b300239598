import FoundationEssentials
import Postgres
import TestKit
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
            _ = try await fixture.end(ended, version: 1)
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
}
