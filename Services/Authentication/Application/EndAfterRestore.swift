import AuditTrail
import AuthenticationContracts
import AuthenticationDomain
import ContractCore
package import EventOutbox
package import Postgres
import Tokens
package import Vocabulary

/// Corrects what the service told before its database went back in time, and ends what came back to life with it.
///
/// No event tells of a code that was exchanged, a token that was refreshed or revoked, or a step of an app that was used.
/// So nothing that began before the restoration was noticed opens anything any more: everybody signs in again.
package struct EndAfterRestore: Sendable {
    let database: Database
    let outbox: Outbox
    let acts: Acts
    let policy: SignInPolicy
    let tokens: TokenStore
    let logoutBell: Bell
    let ender: SessionEnder
    let persons: PersonStore
    let accounts: AccountStore
    private let sessions = SessionStore()
    private let transactions = TransactionStore()
    private let codes = CodeStore()

    /// How many rows one transaction ends.
    private static let chunk = 50

    /// The service's way, for its relay.
    package var restatement: Restatement {
        Restatement { [self] moment in
            try await end(before: moment)
        } restate: { [self] told, session in
            try restate(told, in: session)
        } takeBack: { [self] told in
            takeBack(told)
        }
    }

    /// A session that was lost opens nothing: each API is told so as of any other end, since its tokens are out.
    package func takeBack(_ told: ToldAggregate) -> [EventDraft] {
        guard told.kind == "session" else { return [told.voided] }
        return [told.voided, accessEnded(.session(SessionID(told.key)), at: acts.now())]
    }

    /// A session that exists has ended by then, and stays so; a person who exists is to be asked for again.
    package func restate(_ told: ToldAggregate, in session: borrowing Session) throws -> EventDraft? {
        switch told.kind {
        case "session":
            let id = SessionID(told.key)
            guard let known = try sessions.findEnd(id, in: session) else { return nil }
            return sessionRestated(
                known.session, reason: known.reason, version: told.next(over: known.session.version))
        case "person":
            let person = PersonID(told.key)
            guard let own = try persons.version(of: person, in: session) else { return nil }
            let version = told.next(over: own)
            try persons.renumber(person, to: version, in: session)
            return EventDraft(
                type: PersonNotice.restated, key: told.key, aggregate: "person", version: version,
                data: PersonNotice(personId: person, version: version))
        default:
            return nil
        }
    }

    /// Ends everything that began before a moment.
    package func end(before moment: Instant) async throws {
        let chunk = Self.chunk
        // Codes and runs first: nothing is made from them while sessions and tokens end.
        try await untilNone { session in try codes.forget(madeBefore: moment, limit: chunk, in: session) }
        try await untilNone { session in
            try transactions.forget(begunBefore: moment, limit: chunk, in: session)
        }
        let step = policy.appCode.step(at: moment)
        try await untilNone { session in try accounts.passCodeSteps(upTo: step, limit: chunk, in: session) }
        while try await endSessions(before: moment) {}
        let now = acts.now()
        try await untilNone { session in
            try tokens.endFamilies(startedBefore: moment, at: now, in: session)
        }
        try await untilNone { session in try tokens.endAll(issuedBefore: moment, at: now, in: session) }
        logoutBell.ring()
    }

    private func endSessions(before moment: Instant) async throws -> Bool {
        let act = acts.own()
        return try await outbox.transaction(on: database) { session in
            let live = try sessions.live(startedBefore: moment, limit: Self.chunk, in: session)
            guard !live.isEmpty else { return false }
            var drafts: [EventDraft] = []
            for id in live {
                drafts += try ender.end(
                    id, reason: .securityReason, at: act.time, in: session)
            }
            let entry = act.record(.endSession, actor: nil, client: "authentication")
            try outbox.append(drafts, audit: entry, in: session)
            return true
        }
    }

    private func untilNone(_ body: @Sendable (borrowing Session) throws -> Int) async throws {
        while try await database.transaction(body) > 0 {}
    }
}
