package import Vocabulary

/// Who acts: what the record of acts keeps of it.
package protocol Agent: Sendable {
    /// The person; nil for a program that acts by itself.
    var person: PersonID? { get }
    /// As whom she acts; nil for a program.
    var capacity: Capacity? { get }
    /// The client through which, or the program by which, it is done.
    var program: String? { get }
    /// How strongly she had signed in.
    var acr: Acr? { get }
    /// Who ran the command, in that person's words; nil for what is no command, or one that nobody signed.
    var commandedBy: String? { get }
}

/// As whom a person acts.
package enum Capacity: Hashable, Sendable {
    /// Herself, who has chosen no profile yet: she is signing in.
    case unchosen
    /// As what she chose when she signed in: herself, in a profession, or for an organisation.
    case profile(ProfileChoice)
    /// For the person who gave a mandate to her, or to the organisation that she acts for, in that person's dossier.
    case mandate(MandateID, grantor: PersonID, dossier: DossierID, organisation: OrganisationID?)

    /// The organisation within which she acts.
    package var organisation: OrganisationID? {
        switch self {
        case .profile(.organisation(let id)): id
        case .mandate(_, _, _, let organisation): organisation
        case .unchosen, .profile: nil
        }
    }
}

/// A person under the profile that she chose when she signed in, as her access token says.
package struct ProfileBearer: Agent, Hashable {
    package let id: PersonID
    package let profile: ProfileChoice
    /// The portal through which she acts.
    package let client: String
    /// How strongly she had signed in.
    package let level: Acr

    /// A person as a verified token or a test names her.
    package init(_ id: PersonID, _ profile: ProfileChoice, through client: String, acr: Acr) {
        self.id = id
        self.profile = profile
        self.client = client
        level = acr
    }

    package var person: PersonID? { id }
    package var capacity: Capacity? { .profile(profile) }
    package var program: String? { client }
    package var acr: Acr? { level }
    package var commandedBy: String? { nil }
}

/// A person who is known, as whom she acts, and through what.
package struct ActingPerson: Agent, Hashable {
    /// Who acts.
    package let id: PersonID
    /// As whom.
    package let standing: Capacity
    /// The client through which she acts; nil when she is at the service itself.
    package let program: String?
    /// How strongly she had signed in; nil where the service is not told.
    package let acr: Acr?

    /// A person as a token, a session or a test names her.
    package init(_ id: PersonID, as standing: Capacity, through program: String?, acr: Acr?) {
        self.id = id
        self.standing = standing
        self.program = program
        self.acr = acr
    }

    package var person: PersonID? { id }
    package var capacity: Capacity? { standing }
    package var commandedBy: String? { nil }
}

/// A program: a client in its own name, a service by itself, or a command that somebody ran.
package struct ActingProgram: Agent, Hashable {
    package let name: String
    package let commandedBy: String?

    /// A program by the name of its client or service.
    package init(_ name: String, commandedBy: String? = nil) {
        self.name = name
        self.commandedBy = commandedBy
    }

    package var person: PersonID? { nil }
    package var capacity: Capacity? { nil }
    package var program: String? { name }
    package var acr: Acr? { nil }
}
