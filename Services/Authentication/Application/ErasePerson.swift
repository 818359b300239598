import AuditTrail
import AuthenticationContracts
import EventOutbox
import FoundationEssentials
import Postgres
package import Process
import Vocabulary

/// Erases a person: her numbers, names, account, browsers and sessions.
///
/// Others are told by `person.erased` and forget what they keep of her. What organisations and grantors decided about her
/// stays in their records under her id, which leads to nobody any more.
package struct ErasePerson: Sendable {
    let database: Database
    let outbox: Outbox
    let acts: Acts
    let ender: SessionEnder
    let persons: PersonStore
    let sessions = SessionStore()

    /// How many sessions one transaction ends.
    private static let chunk = 50

    /// - Throws: `OperatorFailure` where there is nobody with this id; nothing changed then.
    package func callAsFunction(_ wish: OperatorWish) async throws -> [String] {
        guard let id = UUID(uuidString: wish.subject) else {
            throw OperatorFailure("A person is named by her id, as `account show` prints it. Nothing was changed.")
        }
        let person = PersonID(id)
        var ended = 0
        while true {
            switch try await step(person, wish) {
            case .nobody: throw OperatorFailure("There is no person with this id. Nothing was changed.")
            case .ended(let count): ended += count
            case .erased: return ["Erased: \(person). Sessions ended: \(ended)."]
            }
        }
    }

    private enum Step: Sendable {
        case nobody
        case ended(Int)
        case erased
    }

    /// Ends some of her sessions, or erases her when she has none: her row is held, so that none begins meanwhile.
    private func step(_ person: PersonID, _ wish: OperatorWish) async throws -> Step {
        let act = acts.own()
        return try await outbox.transaction(on: database) { session in
            guard try persons.hold(person, in: session) else { return .nobody }
            let live = try sessions.live(of: person, limit: Self.chunk, in: session)
            var drafts: [EventDraft] = []
            for id in live {
                drafts += try ender.end(
                    id, reason: .securityReason, at: act.time, in: session)
            }
            if live.isEmpty {
                let version = try persons.erase(person, at: act.time, in: session)
                drafts = [personErased(person, version: version)]
            }
            let entry = act.record(
                live.isEmpty ? .erasePerson : .endSession, actor: nil, client: "authentication",
                commandedBy: wish.commandedBy)
            try outbox.append(drafts, audit: entry, in: session)
            return live.isEmpty ? .erased : .ended(live.count)
        }
    }
}
