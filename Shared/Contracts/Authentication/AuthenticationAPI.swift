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

    package init(
        personId: PersonID, sessionId: SessionID, acr: Int, language: Language, clientName: String,
        firstName: String, lastName: String, expiresAt: Instant
    ) {
        self.personId = personId
        self.sessionId = sessionId
        self.acr = acr
        self.language = language
        self.clientName = clientName
        self.firstName = firstName
        self.lastName = lastName
        self.expiresAt = expiresAt
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
