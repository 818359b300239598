package import Vocabulary

/// What this service knows of a fact that another service owns.
package enum Knowledge<Fact: Sendable>: Sendable {
    case known(Fact)
    /// It was never heard of.
    case absent
    /// Its events have stopped to arrive in order, so what is known may be out of date: nothing is granted on it.
    case uncertain
}

extension Knowledge: Equatable where Fact: Equatable {}

/// A care provider's dossier, as profile-resolution-service announces it.
package struct GrantorDossier: Hashable, Sendable {
    /// How far the dossier is.
    package enum State: String, Hashable, Sendable, CaseIterable {
        case beingSetUp = "being-set-up"
        case open, suspended, closed
    }
    package let id: DossierID
    package let version: Int64
    package let person: PersonID
    /// The last name under which it is kept, or the only name of her who has one.
    package let lastName: String
    package let profession: Profession
    package let state: State
    /// Mandates need one: those who practise with a visum only cannot give them.
    package let hasRizivNumber: Bool

    package init(
        id: DossierID, version: Int64, person: PersonID, lastName: String, profession: Profession, state: State,
        hasRizivNumber: Bool
    ) {
        self.id = id
        self.version = version
        self.person = person
        self.lastName = lastName
        self.profession = profession
        self.state = state
        self.hasRizivNumber = hasRizivNumber
    }
}

/// An organisation, and the rights by which one person may use its mandates, as organisation-rights-service tells.
package struct OrganisationStanding: Hashable, Sendable {
    /// The role in an organisation that lets a person use the mandates which it holds.
    package static let executorRole = "mandate-executor"

    /// One right of the person to use the organisation's mandates.
    package struct ExecutorRight: Hashable, Sendable {
        package let id: RightID
        package let version: Int64
        package let period: Period

        package init(id: RightID, version: Int64, period: Period) {
            self.id = id
            self.version = version
            self.period = period
        }
    }
    package let id: OrganisationID
    package let version: Int64
    package let name: String
    /// Whether it exists still; a stopped one blocks all rights in it.
    package let isActive: Bool
    /// The person's rights there that nobody has ended; which of them hold depends on the day.
    package let executorRights: [ExecutorRight]

    package init(
        id: OrganisationID, version: Int64, name: String, isActive: Bool, executorRights: [ExecutorRight]
    ) {
        self.id = id
        self.version = version
        self.name = name
        self.isActive = isActive
        self.executorRights = executorRights
    }
}
