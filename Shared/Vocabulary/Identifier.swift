package import FoundationEssentials

/// The id of something that an `Owner` names: random, without meaning, compared as its bytes.
///
/// The type parameter keeps a dossier's id from being passed where a person's is asked for.
package struct Identifier<Owner>: Hashable, Sendable, Codable, CustomStringConvertible, Comparable {
    /// The id itself.
    package let uuid: UUID

    /// Wraps an id that is known to name an `Owner`.
    package init(_ uuid: UUID) { self.uuid = uuid }

    /// Reads the 36-character text form; nothing for any other text.
    package init?(_ text: String) {
        guard text.utf8.count == 36, let uuid = UUID(uuidString: text) else { return nil }
        self.uuid = uuid
    }

    /// The text form, in lower case.
    package var description: String { uuid.uuidString.lowercased() }

    package static func < (left: Self, right: Self) -> Bool { left.uuid < right.uuid }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an id")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// What ids are given to.
///
/// In a namespace of its own, so that a service's domain may call its own types by these names.
package enum Identified {
    /// A natural person, known by national number to the authentication service alone.
    package enum Person {}
    /// What RIZIV keeps about a care provider in one profession, or about somebody in an administrative function.
    package enum Dossier {}
    /// The authority that a grantor gives to a holder over a dossier.
    package enum Mandate {}
    /// An enterprise, institution or grouping.
    package enum Organisation {}
    /// A role that a person has in an organisation for a period.
    package enum Right {}
    /// A signed-in person's session, from sign-in to sign-out.
    package enum Session {}
    /// A fact as it was published.
    package enum Event {}
    /// A record of who did what, for whom, when and with which outcome.
    package enum Audit {}
    /// One passage of a browser through the profile picker.
    package enum Interaction {}
}

package typealias PersonID = Identifier<Identified.Person>
package typealias DossierID = Identifier<Identified.Dossier>
package typealias MandateID = Identifier<Identified.Mandate>
package typealias OrganisationID = Identifier<Identified.Organisation>
package typealias RightID = Identifier<Identified.Right>
package typealias SessionID = Identifier<Identified.Session>
package typealias EventID = Identifier<Identified.Event>
package typealias AuditID = Identifier<Identified.Audit>
package typealias InteractionID = Identifier<Identified.Interaction>
