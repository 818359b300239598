package import Vocabulary

/// What profile-resolution-service learns when it redeems an interaction, once.
package struct RedeemedInteraction: Codable, Sendable {
    package let personId: PersonID
    package let sessionId: SessionID
    /// The level of the digital key that was used, such as 400.
    package let acr: Int
    package let language: Language
    /// The name of the portal that asked, for the page's heading.
    package let clientName: String
    /// How the person is greeted; known from the digital key.
    package let firstName: String
    package let lastName: String
    /// When the interaction ends.
    package let expiresAt: Instant
    /// The origin of the portal, at which the redirects after the picker's form end.
    package let redirectOrigin: String
    /// Where the person signs out, when she is not the one who is greeted.
    package let signOutUrl: String

    package init(
        personId: PersonID, sessionId: SessionID, acr: Int, language: Language, clientName: String,
        firstName: String, lastName: String, expiresAt: Instant, redirectOrigin: String, signOutUrl: String
    ) {
        self.personId = personId
        self.sessionId = sessionId
        self.acr = acr
        self.language = language
        self.clientName = clientName
        self.firstName = firstName
        self.lastName = lastName
        self.expiresAt = expiresAt
        self.redirectOrigin = redirectOrigin
        self.signOutUrl = signOutUrl
    }

    /// Where a browser gives up the errand and returns to its portal, as far as the portal is known.
    package static func cancelUrl(issuer: String, interaction: String) -> String {
        "\(issuer)/sign-in/cancel?interaction=\(interaction)"
    }
}

/// The profile that a person chose, put back over the back channel.
package struct InteractionChoice: Codable, Sendable {
    package let profile: ProfileChoice
    /// What the choice rests on: tokens end when one of these ends.
    package let bases: [TokenBasis]

    package init(profile: ProfileChoice, bases: [TokenBasis]) {
        self.profile = profile
        self.bases = bases
    }
}

/// A fact that a token rests on: a session, a right, a mandate, or the recognition behind a dossier.
package struct TokenBasis: Codable, Sendable, Hashable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        case session, right, mandate, dossier
    }
    package let kind: Kind
    /// The id of the session, right, mandate or dossier, as text.
    package let id: String
    /// The version of the fact when it was looked at.
    package let version: Int64

    package init(kind: Kind, id: String, version: Int64) {
        self.kind = kind
        self.id = id
        self.version = version
    }
}

/// Where the browser goes after the choice was put back.
package struct InteractionResumption: Codable, Sendable {
    package let resumeUrl: String

    package init(resumeUrl: String) { self.resumeUrl = resumeUrl }
}

/// A request to turn national numbers into person ids; at most 100 at a time.
package struct ResolvePersonsRequest: Codable, Sendable {
    package enum Mode: String, Codable, Sendable {
        /// Unknown numbers stay unknown.
        case lookUp = "look-up"
        /// An unknown number gets a person, so that a mandate or right can name somebody who never signed in.
        case getOrCreate = "get-or-create"
    }
    package static let limit = 100

    package let mode: Mode
    package let nationalNumbers: [String]

    package init(mode: Mode, nationalNumbers: [String]) {
        self.mode = mode
        self.nationalNumbers = nationalNumbers
    }
}

/// One verdict per number, in the order of the request; the numbers themselves are not repeated.
package struct ResolvePersonsResponse: Codable, Sendable {
    package struct Verdict: Codable, Sendable {
        package let personId: PersonID?
        /// `unknown` or `invalid` when there is no person id.
        package let problem: String?

        package init(personId: PersonID?, problem: String?) {
            self.personId = personId
            self.problem = problem
        }
    }
    package let persons: [Verdict]

    package init(persons: [Verdict]) { self.persons = persons }
}

/// A question what persons are called; at most 100 at a time.
///
/// Asked where somebody decides about them: a service that keeps only ids asks when it shows them, and keeps no name.
package struct PersonNamesRequest: Codable, Sendable {
    package static let limit = 100

    package let personIds: [PersonID]

    package init(personIds: [PersonID]) { self.personIds = personIds }
}

/// The names that are known, in no order; somebody whose name nobody has told is not among them.
package struct PersonNamesResponse: Codable, Sendable {
    package struct Entry: Codable, Sendable {
        package let personId: PersonID
        /// Absent until she has signed in, and of somebody who has one name.
        package let firstName: String?
        /// Or the only name that she has.
        package let lastName: String

        package init(personId: PersonID, firstName: String?, lastName: String) {
            self.personId = personId
            self.firstName = firstName
            self.lastName = lastName
        }
    }
    package let persons: [Entry]

    package init(persons: [Entry]) { self.persons = persons }

    /// First and last name by person, as far as they are told.
    package var written: [PersonID: String] {
        Dictionary(
            persons.map { ($0.personId, PersonNames.joined($0.firstName ?? "", $0.lastName)) },
            uniquingKeysWith: { first, _ in first })
    }
}
