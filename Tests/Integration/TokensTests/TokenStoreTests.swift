import FoundationEssentials
import Postgres
import Synchronization
import Testing
import Tokens
import Vocabulary

@Suite("Opaque tokens")
struct TokenStoreTests {
    @Test("a token is active for its purpose until its time is over")
    func life() async throws {
        try await TokenFixture.with { fixture in
            let token = try await fixture.issue(on: fixture.basis())
            #expect(try await fixture.isActive(token))
            #expect(try await fixture.isActive(token, after: .seconds(299)))
            #expect(try await !fixture.isActive(token, after: .seconds(300)))
            #expect(try await fixture.state(token, after: .seconds(300)) == .expired)
            let otherPurpose = try await fixture.database.read { session in
                try fixture.store.introspect(token.text, purpose: "refresh", at: fixture.now, in: session)
            }
            #expect(otherPurpose == nil)
        }
    }

    @Test("what was said at issue is read back, with the bases in their order")
    func content() async throws {
        try await TokenFixture.with { fixture in
            let bases = [fixture.basis("session"), fixture.basis("mandate"), fixture.basis("dossier")]
                .map { VersionedBasis($0, version: 7) }
            guard case .issued(let token) = try await fixture.issue(fixture.draft(on: bases)) else {
                throw TokenFixture.Refused()
            }
            let stored = try #require(
                try await fixture.database.read { session in
                    try fixture.store.find(token, at: fixture.now, in: session)
                })
            #expect(stored.bases.map(\.basis.kind) == ["dossier", "mandate", "session"])
            #expect(Set(stored.bases) == Set(bases))
            #expect(stored.claims.contains("somebody"))
            #expect(stored.expiresAt == fixture.now.adding(.seconds(300)))
        }
    }

    @Test("only the hash is kept, and neither text nor hash shows in a description")
    func secrecy() async throws {
        try await TokenFixture.with { fixture in
            let token = try await fixture.issue(on: fixture.basis())
            #expect(token.text.utf8.count == 43)
            #expect(!"\(token)".contains(token.text))
            let rows = try await fixture.database.read { session in
                try session.query("SELECT token::text FROM token WHERE token::text LIKE '%' || \(token.text) || '%'")
            }
            #expect(rows.isEmpty)
        }
    }

    @Test("the text comes from the given source of random words")
    func injectedRandomness() {
        let token = TokenSecret(random: { 0 })
        #expect(token.text == String(repeating: "A", count: 43))
        #expect(TokenSecret(random: { .max }).text == String(repeating: "_", count: 42) + "8")
        #expect(TokenSecret(token.text)?.hash == token.hash)
    }

    @Test(
        "a text that cannot be a token is none",
        arguments: [
            "", "abc", String(repeating: "A", count: 44), String(repeating: "é", count: 43),
            "A b" + String(repeating: "A", count: 40),
        ])
    func malformed(text: String) {
        #expect(TokenSecret(text) == nil)
    }

    @Test("two tokens are never the same")
    func unique() async throws {
        let tokens = (0..<1_000).map { _ in TokenSecret(random: { SystemRandomNumberGenerator.word() }).text }
        #expect(Set(tokens).count == tokens.count)
    }

    @Test("the end of any one basis ends every token that rests on it, and no other")
    func endOfBasis() async throws {
        try await TokenFixture.with { fixture in
            let (mandate, session) = (fixture.basis("mandate"), fixture.basis("session"))
            let first = try await fixture.issue(on: mandate, session)
            let second = try await fixture.issue(on: mandate)
            let other = try await fixture.issue(on: session)
            try await fixture.end(mandate, version: 2)
            #expect(try await fixture.state(first) == .basisEnded([mandate]))
            #expect(try await fixture.state(second) == .basisEnded([mandate]))
            #expect(try await fixture.isActive(other))
        }
    }

    @Test("an end leaves its tombstone though no token exists: nothing is issued at or below its version")
    func tombstone() async throws {
        try await TokenFixture.with { fixture in
            let basis = fixture.basis()
            try await fixture.end(basis, version: 5)
            for version in [1, 4, 5] as [Int64] {
                let outcome = try await fixture.issue(fixture.draft(on: [VersionedBasis(basis, version: version)]))
                guard case .basisEnded(let ended) = outcome else {
                    Issue.record("issued on version \(version)")
                    continue
                }
                #expect(ended == [basis])
            }
            guard
                case .issued(let token) = try await fixture.issue(
                    fixture.draft(on: [VersionedBasis(basis, version: 6)]))
            else { throw TokenFixture.Refused() }
            #expect(try await fixture.isActive(token))
            try await fixture.end(basis, version: 4)
            #expect(try await fixture.isActive(token), "an older end changes nothing")
            try await fixture.end(basis, version: 6)
            #expect(try await !fixture.isActive(token))
        }
    }

    @Test("a revoked token is inactive, and the others are not")
    func revocation() async throws {
        try await TokenFixture.with { fixture in
            let basis = fixture.basis()
            let (token, other) = (try await fixture.issue(on: basis), try await fixture.issue(on: basis))
            let first = try await fixture.database.transaction { session in
                try fixture.store.revoke(token, at: fixture.now, in: session)
            }
            let second = try await fixture.database.transaction { session in
                try fixture.store.revoke(token, at: fixture.now, in: session)
            }
            #expect(first && !second)
            #expect(try await fixture.state(token) == .revoked)
            #expect(try await fixture.isActive(other))
        }
    }

    @Test("a draft without a basis, with one twice, or that ends before it begins is refused")
    func invalidDrafts() async throws {
        try await TokenFixture.with { fixture in
            let basis = VersionedBasis(fixture.basis(), version: 1)
            let drafts = [
                fixture.draft(on: [basis, basis]), fixture.draft(on: []), fixture.draft(on: [basis], for: .seconds(-1)),
            ]
            for draft in drafts {
                let outcome = await Result { () async throws in try await fixture.issue(draft) }
                #expect(throws: (any Error).self) { try outcome.get() }
            }
            let count = try await fixture.count("token")
            #expect(count == 0)
        }
    }
}

extension Result where Failure == any Error {
    /// What an asynchronous body answered or threw.
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
