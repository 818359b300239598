import FoundationEssentials
import Postgres
import Testing
import Tokens
import Vocabulary

@Suite("Families of refresh tokens")
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

    private func rotate(_ fixture: TokenFixture, _ token: TokenSecret) async throws -> RotationOutcome {
        try await fixture.database.transaction { session in
            try fixture.store.rotate(
                token, expiresAt: fixture.now.adding(.seconds(900)), at: fixture.now, in: session)
        }
    }

    private func successor(_ outcome: RotationOutcome) -> TokenSecret? {
        guard case .rotated(let token, _) = outcome else { return nil }
        return token
    }

    @Test("rotation gives a successor on the same bases and uses the token up")
    func rotation() async throws {
        try await TokenFixture.with { fixture in
            let basis = fixture.basis("session")
            let (family, first) = try await start(fixture, on: basis)
            let second = try #require(successor(try await rotate(fixture, first)))
            #expect(try await fixture.state(first) == .rotated)
            #expect(try await fixture.isActive(second, after: .seconds(899)))
            let stored = try await fixture.database.read { session in
                try fixture.store.find(second, at: fixture.now, in: session)
            }
            #expect(stored?.family == family)
            #expect(try await fixture.end(basis, version: 1) == 1)
            #expect(try await fixture.state(second) == .basisEnded([basis]))
        }
    }

    @Test("a used token that comes back ends the whole family")
    func reuse() async throws {
        try await TokenFixture.with { fixture in
            let (family, first) = try await start(fixture, on: fixture.basis("session"))
            let second = try #require(successor(try await rotate(fixture, first)))
            let third = try #require(successor(try await rotate(fixture, second)))
            guard case .reused(let ended) = try await rotate(fixture, first) else {
                Issue.record("the reuse was not found out")
                return
            }
            #expect(ended == family)
            #expect(try await fixture.state(third) == .familyEnded)
            guard case .inactive(.familyEnded) = try await rotate(fixture, third) else {
                Issue.record("a token of an ended family was rotated")
                return
            }
        }
    }

    @Test("one token rotated from two sides at once: one successor at most is born, and it does not outlive the reuse")
    func rotationRace() async throws {
        try await TokenFixture.with { fixture in
            for _ in 0..<100 {
                let (_, token) = try await start(fixture, on: fixture.basis("session"))
                async let left = rotate(fixture, token)
                async let right = rotate(fixture, token)
                let successors = [try await left, try await right].compactMap(successor)
                #expect(successors.count == 1)
                for token in successors { #expect(try await fixture.state(token) == .familyEnded) }
            }
        }
    }

    @Test("a rotation and the end of the session that race leave no live token")
    func rotationAgainstEnd() async throws {
        try await TokenFixture.with { fixture in
            for _ in 0..<200 {
                let basis = fixture.basis("session")
                let (_, token) = try await start(fixture, on: basis)
                async let rotating = rotate(fixture, token)
                async let ending = fixture.end(basis, version: 1)
                let (outcome, _) = try await (rotating, ending)
                #expect(try await !fixture.isActive(token))
                if let next = successor(outcome) { #expect(try await !fixture.isActive(next)) }
            }
        }
    }

    @Test("an expired or unknown token, or one without a family, is not rotated")
    func notRotated() async throws {
        try await TokenFixture.with { fixture in
            let (_, token) = try await start(fixture, on: fixture.basis("session"))
            let late = try await fixture.database.transaction { session in
                try fixture.store.rotate(
                    token, expiresAt: fixture.now.adding(.seconds(900)), at: fixture.now.adding(.seconds(300)),
                    in: session)
            }
            guard case .inactive(.expired) = late else {
                Issue.record("an expired token was rotated")
                return
            }
            let single = try await fixture.issue(on: fixture.basis())
            for token in [single, TokenSecret(random: { SystemRandomNumberGenerator.word() })] {
                guard case .unknown = try await rotate(fixture, token) else {
                    Issue.record("a token without a family was rotated")
                    return
                }
            }
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
