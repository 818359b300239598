import FoundationEssentials
import Keys
package import Logging
package import PortalDomain
package import Postgres
package import Vocabulary

/// Keeps what somebody typed until it is saved: over an expired session, a conflict, an outage, a change of language.
package struct Drafts: Sendable {
    private let database: Database
    private let now: @Sendable () -> Instant
    private let seal: FormSeal
    private let logger: Logger

    package init(database: Database, now: @escaping @Sendable () -> Instant, seal: FormSeal, logger: Logger) {
        self.database = database
        self.now = now
        self.seal = seal
        self.logger = logger
    }

    /// Keeps a draft of this person's form; the one before goes.
    ///
    /// - Returns: whether it is kept. What is typed is still on its way then, so a database that is away is no reason
    ///   not to go on.
    package func keep(_ draft: Draft?, of form: DraftForm, for person: SignedInPerson) async -> Bool {
        guard let draft else { return false }
        let hash = subjectHash(person)
        let now = now()
        do {
            let content = try seal.seal(draft, subjectHash: hash, form: form.key)
            try await database.transaction { session in
                try DraftStore.save(
                    subjectHash: hash, form: form.key, content: content, limit: Draft.maximumPerPerson, at: now,
                    in: session)
            }
            return true
        } catch {
            logger.warning("A draft could not be kept", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// The draft of this person's form; nothing when there is none that can still be shown.
    package func find(_ form: DraftForm, for person: SignedInPerson) async throws -> Draft? {
        let hash = subjectHash(person)
        let stored = try await database.read { session in
            try DraftStore.find(subjectHash: hash, form: form.key, in: session)
        }
        guard let stored, !Draft.isOver(keptAt: stored.keptAt, now: now()) else { return nil }
        do {
            return try seal.draft(stored.content, subjectHash: hash, form: form.key)
        } catch {
            // Its key is gone, or the row is not what was written: what cannot be read is not shown.
            logger.warning("A draft could not be read", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// Forgets the draft: it is saved, or she does not want it.
    package func discard(_ form: DraftForm, for person: SignedInPerson) async {
        let hash = subjectHash(person)
        do {
            try await database.transaction { session in
                try DraftStore.delete(subjectHash: hash, form: form.key, in: session)
            }
        } catch {
            logger.warning("A draft could not be forgotten", metadata: ["error": "\(error)"])
        }
    }

    private func subjectHash(_ person: SignedInPerson) -> [UInt8] { TokenHash.of(person.subject) }
}
