import FoundationEssentials
import Postgres
import Synchronization
import TestStore
import Tokens
import Vocabulary

/// Tokens in a database of the test's own.
struct TokenFixture: Sendable {
    let database: Database
    let store: TokenStore
    let now = Instant(secondsSinceEpoch: 1_780_000_000)

    /// Runs a body with a fresh database.
    static func with(_ body: (TokenFixture) async throws -> Void) async throws {
        try await TestPostgres.withDatabase(schema: "mandate_registry", migrations: TokensSchema.migrations) { test in
            try await body(TokenFixture(database: test.database, store: TokenStore()))
        }
    }

    func basis(_ kind: String = "mandate") -> Basis { Basis(kind: kind, id: UUID()) }

    func draft(
        on bases: [VersionedBasis], purpose: String = "dossier-context", family: UUID? = nil,
        for life: Duration = .seconds(300)
    ) -> TokenDraft {
        TokenDraft(
            purpose: purpose, claims: #"{"sub":"somebody"}"#, bases: bases, family: family, issuedAt: now,
            expiresAt: now.adding(life))
    }

    /// Issues on the bases in version 1.
    func issue(on bases: Basis..., family: UUID? = nil) async throws -> TokenSecret {
        let outcome = try await issue(draft(on: bases.map { VersionedBasis($0, version: 1) }, family: family))
        guard case .issued(let token) = outcome else { throw Refused() }
        return token
    }

    func issue(_ draft: TokenDraft) async throws -> IssueOutcome {
        try await database.transaction { session in try store.issue(draft, in: session) }
    }

    func end(_ basis: Basis, version: Int64) async throws {
        try await database.transaction { session in try store.end(basis, version: version, at: now, in: session) }
    }

    func state(_ token: TokenSecret, after time: Duration = .zero) async throws -> TokenState? {
        try await database.read { session in
            try store.find(token, at: now.adding(time), in: session)?.state
        }
    }

    func isActive(_ token: TokenSecret, after time: Duration = .zero) async throws -> Bool {
        try await database.read { session in
            try store.introspect(token.text, purpose: "dossier-context", at: now.adding(time), in: session) != nil
        }
    }

    func count(_ table: StaticString) async throws -> Int {
        try await database.read { session in
            try session.first("SELECT count(*) FROM \(trusted: table)")?.column(0, as: Int.self) ?? -1
        }
    }

    struct Refused: Error {}
}
