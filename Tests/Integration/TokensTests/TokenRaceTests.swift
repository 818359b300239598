import FoundationEssentials
import Postgres
import Testing
import Tokens
import Vocabulary

@Suite("Tokens under concurrency", .serialized)
struct TokenRaceTests {
    @Test("an end and an issue that race, 1,000 times, leave no live token")
    func endAgainstIssue() async throws {
        try await TokenFixture.with { fixture in
            var issued = 0
            for round in 0..<1_000 {
                let basis = fixture.basis()
                // Half of the rounds begin with a row that is there already.
                if round.isMultiple(of: 2) { _ = try await fixture.issue(on: basis) }
                async let issuing = fixture.issue(fixture.draft(on: [VersionedBasis(basis, version: 1)]))
                async let ending = fixture.end(basis, version: 2)
                let (outcome, _) = try await (issuing, ending)
                guard case .issued(let token) = outcome else { continue }
                issued += 1
                #expect(try await !fixture.isActive(token), "round \(round)")
            }
            let alive = try await fixture.database.read { session in
                try session.first(
                    """
                    SELECT count(*) FROM token WHERE NOT EXISTS (
                        SELECT 1 FROM token_binding JOIN token_basis USING (kind, id)
                        WHERE token_binding.hash = token.hash AND ended_version >= version)
                    """)?.column(0, as: Int.self)
            }
            #expect(alive == 0)
            #expect(issued > 0 && issued < 1_000, "both orders have to occur, or the race is none: \(issued) issued")
        }
    }

    @Test("tokens on several bases and ends of several bases, in any order, never deadlock")
    func noDeadlock() async throws {
        try await TokenFixture.with { fixture in
            let kinds = ["mandate", "session", "dossier", "right"]
            for _ in 0..<20 {
                let bases = kinds.map { fixture.basis($0) }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for turn in 0..<12 {
                        let order = bases.shuffled().map { VersionedBasis($0, version: Int64(turn + 1)) }
                        group.addTask {
                            if turn.isMultiple(of: 3) {
                                try await fixture.database.transaction { session in
                                    try fixture.store.end(order, at: fixture.now, in: session)
                                }
                            } else {
                                _ = try await fixture.issue(fixture.draft(on: order))
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("pruning while tokens are issued on idle bases disturbs nobody")
    func pruneAgainstIssue() async throws {
        try await TokenFixture.with { fixture in
            let bases = (0..<20).map { _ in fixture.basis() }
            for basis in bases { _ = try await fixture.issue(on: basis) }
            // Their time is over, so their bases become idle as they are pruned.
            let later = fixture.now.adding(.seconds(301))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        for _ in 0..<40 {
                            _ = try await fixture.database.transaction { session in
                                try fixture.store.prune(before: later, limit: 3, in: session)
                            }
                        }
                    }
                }
                for basis in bases {
                    group.addTask {
                        for _ in 0..<10 {
                            let draft = fixture.draft(on: [VersionedBasis(basis, version: 1)], for: .seconds(600))
                            guard case .issued(let token) = try await fixture.issue(draft) else {
                                throw TokenFixture.Refused()
                            }
                            #expect(try await fixture.isActive(token))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await fixture.count("token") == 200)
        }
    }
}
