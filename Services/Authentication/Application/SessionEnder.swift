package import AuthenticationContracts
import AuthenticationDomain
package import EventOutbox
package import Postgres
package import Tokens
package import Vocabulary

/// Ends a session everywhere: its tokens, and by a logout token at each portal that took part in it.
package struct SessionEnder: Sendable {
    private let essentials: Essentials

    package init(_ essentials: Essentials) {
        self.essentials = essentials
    }

    /// Ends a session and answers the events that tell so, to be appended by the caller as the last statement; none
    /// when it had ended before.
    ///
    /// The tombstone is left though no token exists, so that a token that is being issued at this moment either sees
    /// it or is covered by it.
    package func end(
        _ id: SessionID, reason: SessionState.EndReason, at now: Instant, in session: borrowing Session
    ) throws -> [EventDraft] {
        let stores = essentials.stores
        guard let ended = try stores.sessions.end(id, reason: reason, at: now, in: session) else { return [] }
        try essentials.tokens.end(.session(id), version: ended.version, at: now, in: session)
        let told = try stores.sessions.clients(of: id, in: session).filter { client in
            essentials.clients.client(client)?.backChannelLogoutURI != nil
        }
        try stores.logouts.insert(id, person: ended.personID, clients: told, at: now, in: session)
        return [sessionEnded(ended, reason: reason)]
    }
}

extension Basis {
    /// The session as what tokens rest on.
    package static func session(_ id: SessionID) -> Basis { Basis(kind: "session", id: id.uuid) }
    /// The organisation as what tokens rest on.
    package static func organisation(_ id: OrganisationID) -> Basis { Basis(kind: "organisation", id: id.uuid) }
}
