package import Vocabulary

/// How far a dossier is.
package enum DossierStatus: String, CaseIterable, Hashable, Sendable {
    /// The visum or RIZIV number is recent; setting up takes some days.
    case beingSetUp = "being-set-up"
    case open
    /// Suspended or struck off.
    case suspended
    case closed
}

/// A person in one of her professions.
package struct CareProvider: Hashable, Sendable {
    package let profession: Profession
    package let firstName: String
    package let lastName: String
    package let recognition: Recognition

    package init(profession: Profession, firstName: String, lastName: String, recognition: Recognition) {
        self.profession = profession
        self.firstName = firstName
        self.lastName = lastName
        self.recognition = recognition
    }
}

/// Somebody who is no care provider and has an administrative function in an institution or grouping.
package struct FunctionHolder: Hashable, Sendable {
    /// A code of the configured catalogue, such as `director`.
    package let function: String
    package let organisation: Employer

    package init(function: String, organisation: Employer) {
        self.function = function
        self.organisation = organisation
    }
}

/// The institution or grouping of a function holder, as RIZIV knows it: by a KBO number, a RIZIV number, or both.
package struct Employer: Hashable, Sendable {
    package let name: String
    package let enterpriseNumber: EnterpriseNumber?
    package let rizivNumber: RizivNumber?

    /// An employer; nothing when it has neither number.
    package init?(name: String, enterpriseNumber: EnterpriseNumber?, rizivNumber: RizivNumber?) {
        guard enterpriseNumber != nil || rizivNumber != nil else { return nil }
        self.name = name
        self.enterpriseNumber = enterpriseNumber
        self.rizivNumber = rizivNumber
    }
}

/// Whose dossier it is, and in which capacity.
package enum DossierSubject: Hashable, Sendable {
    case careProvider(CareProvider)
    case functionHolder(FunctionHolder)

    /// The profession, for a care provider.
    package var profession: Profession? {
        guard case .careProvider(let provider) = self else { return nil }
        return provider.profession
    }

    /// The RIZIV number of the person, for a care provider who has one.
    package var rizivNumber: RizivNumber? {
        guard case .careProvider(let provider) = self else { return nil }
        return provider.recognition.rizivNumber
    }

    /// The profile under which the person reaches this dossier herself.
    package var profile: ProfileChoice {
        switch self {
        case .careProvider(let provider): .profession(provider.profession)
        case .functionHolder: .citizen
        }
    }
}

/// What RIZIV keeps about a person in one capacity.
package struct Dossier: Hashable, Sendable {
    package let id: DossierID
    package let personID: PersonID
    /// Whether the delivered number and last name turned out to be of one person.
    ///
    /// Until then nobody has it as her own, or a typing error would make a stranger a care provider; who holds a mandate
    /// works in it all the same.
    package let isHers: Bool
    /// Rises with every change, of whatever part; carried by the events.
    package let version: Int64
    /// Rises with every change of the contact data.
    package let contactVersion: Int64
    package let status: DossierStatus
    package let subject: DossierSubject
    package let contact: Contact

    package init(
        id: DossierID, personID: PersonID, isHers: Bool, version: Int64, contactVersion: Int64,
        status: DossierStatus, subject: DossierSubject, contact: Contact
    ) {
        self.id = id
        self.personID = personID
        self.isHers = isHers
        self.version = version
        self.contactVersion = contactVersion
        self.status = status
        self.subject = subject
        self.contact = contact
    }
}

/// The part of a dossier on which decisions rest.
package struct DossierFacts: Hashable, Sendable {
    package let id: DossierID
    package let personID: PersonID
    package let version: Int64
    package let status: DossierStatus
    /// The profile under which the person reaches it herself.
    package let profile: ProfileChoice
    /// The day on which she was given her licence to practise, when it is known.
    package let since: LocalDate?
    /// The day on which it should be set up at the latest, when that can be said.
    package let expectedBy: LocalDate?

    package init(
        id: DossierID, personID: PersonID, version: Int64, status: DossierStatus, profile: ProfileChoice,
        since: LocalDate? = nil, expectedBy: LocalDate? = nil
    ) {
        self.id = id
        self.personID = personID
        self.version = version
        self.status = status
        self.profile = profile
        self.since = since
        self.expectedBy = expectedBy
    }
}
