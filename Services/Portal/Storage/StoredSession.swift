package import ContractCore
import FoundationEssentials
package import PortalDomain
import Postgres
package import Vocabulary

/// A session as its row has it.
package struct StoredSession: Sendable {
    package let id: PortalSessionID
    package let person: SignedInPerson
    /// The name of the organisation within which she acts, once it was asked for.
    package let organisationName: String?
    package let signedInAt: Instant
    package let lastSeenAt: Instant
    /// Sealed; nothing when the session ended.
    package let tokens: [UInt8]?
    /// What the person's own writes made, and when.
    package let positions: Positions
    package let positionsAt: Instant?
    /// Why the session is over; nothing while it goes on.
    package let end: SessionLifetime.End?

    /// The columns that ``init(row:)`` reads.
    static let columns: SQL = """
        id, subject, provider_session, name, profile, organisation_name, acr, signed_in_at, last_seen_at, tokens,
        positions, positions_at, end_reason
        """

    init(row: Row) throws {
        let (
            id, subject, providerSession, name, profile, organisationName, acr, signedInAt, lastSeenAt, tokens,
            positions,
            positionsAt, end
        ) = try row.decode(
            PortalSessionID.self, String.self, String.self, String?.self, Json.self, String?.self, Int32.self,
            Instant.self, Instant.self, [UInt8]?.self, String?.self, Instant?.self, String?.self)
        guard let acr = Acr(level: Int(acr)) else { throw StoredValueError(column: "session.acr") }
        self.id = id
        self.person = SignedInPerson(
            subject: subject, providerSession: providerSession, name: name,
            profile: try JSONDecoder().decode(ProfileChoice.self, from: Data(profile.text.utf8)), acr: acr)
        self.organisationName = organisationName
        self.signedInAt = signedInAt
        self.lastSeenAt = lastSeenAt
        self.tokens = tokens
        self.positions = positions.flatMap(Positions.init(header:)) ?? Positions()
        self.positionsAt = positionsAt
        self.end = try end.map { text in
            guard let end = SessionLifetime.End(rawValue: text) else {
                throw StoredValueError(column: "session.end_reason")
            }
            return end
        }
    }
}

/// A column holds what this program never writes there.
package struct StoredValueError: Error, CustomStringConvertible {
    let column: String

    package var description: String { "\(column) holds a value that this version does not know" }
}
