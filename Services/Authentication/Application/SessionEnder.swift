package import AuthenticationContracts
import AuthenticationDomain
import ContractCore
package import EventOutbox
package import Postgres
package import Tokens
package import Vocabulary

/// Ends a session everywhere: its tokens, and by a logout token at each portal that took part in it.
package struct SessionEnder: Sendable {
    /// How long ends of access are kept to be sent again: longer than any access token lives.
    package static let accessEndsAreKept: Duration = .seconds(3 * AccessTokenClaims.lifetime)

    let clients: ClientRegistry
    let tokens: TokenStore
    private let sessions = SessionStore()
    private let logouts = LogoutDeliveryStore()

    /// Ends a session and answers the events that tell so, to be appended by the caller as the last statement; none
    /// when it had ended before.
    ///
    /// The tombstone is left though no token exists, so that a token that is being issued at this moment either sees
    /// it or is covered by it.
    package func end(
        _ id: SessionID, reason: SessionState.EndReason, at now: Instant, in session: borrowing Session
    ) throws -> [EventDraft] {
        guard let ended = try sessions.end(id, reason: reason, at: now, in: session) else { return [] }
        try tokens.end(.session(id), version: ended.version, at: now, in: session)
        let told = try sessions.clients(of: id, in: session).filter { client in
            clients.client(client)?.backChannelLogoutURI != nil
        }
        try logouts.insert(id, person: ended.personID, clients: told, at: now, in: session)
        // What expires says so itself: no access token outlives the time of its session.
        let access = reason == .expired ? [] : [accessEnded(.session(id), at: now)]
        return [sessionEnded(ended, reason: reason)] + access
    }
}

extension Basis {
    /// The session as what tokens rest on.
    package static func session(_ id: SessionID) -> Basis { Basis(kind: .session, id: id.uuid) }
    /// The organisation as what tokens rest on.
    package static func organisation(_ id: OrganisationID) -> Basis { Basis(kind: .organisation, id: id.uuid) }
}
