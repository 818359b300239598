package import ContractCore
package import MandateRegistryClients
package import OrganisationRightsClients
package import PortalDomain
package import ProfileResolutionClients
import Vocabulary
package import Web

/// The services that the portal asks.
package struct Neighbours: Sendable {
    package let profiles: ProfileResolutionClient
    package let mandates: MandateRegistryClient
    package let organisations: OrganisationRightsClient

    package init(
        profiles: ProfileResolutionClient, mandates: MandateRegistryClient, organisations: OrganisationRightsClient
    ) {
        self.profiles = profiles
        self.mandates = mandates
        self.organisations = organisations
    }
}

/// One request of a signed-in person: her session, and the way to the services with her own token.
package struct PersonAccess: Sendable {
    package let session: StoredSession
    private let tokens: AccessTokens
    private let sessions: Sessions
    private let origin: CallOrigin
    private let now: @Sendable () -> Instant

    package init(session: StoredSession, tokens: AccessTokens, sessions: Sessions, context: AppContext) {
        self.session = session
        self.tokens = tokens
        self.sessions = sessions
        origin = context.origin
        now = tokens.now
    }

    /// Her access token for an API.
    ///
    /// - Throws: ``AccessTokens/Failure``, or what the database throws.
    package func token(for api: APIAudience) async throws -> String {
        try await tokens.current(session, for: api, origin: origin)
    }

    /// The origin for a call of a service: it waits there for what she wrote in another.
    package func origin(for reader: ReadAfterWrite.Reader) -> CallOrigin {
        guard ReadAfterWrite.isRecent(session.positionsAt, now: now()) else { return origin }
        var followed = Positions()
        for (place, sequence) in session.positions.sequences where reader.follows.contains(place.source.rawValue) {
            followed = followed.merging(Positions(place, sequence))
        }
        return followed.isEmpty ? origin : origin.after(followed.header)
    }

    /// Notes where a write of hers stands.
    ///
    /// What was written is written: when this cannot be noted, she is told of her write all the same, and what she
    /// reads next may be a moment old.
    package func remember(_ position: String?) async {
        await sessions.remember(position.flatMap(Positions.init(header:)), of: session)
    }
}
