package import Vocabulary

/// Roles of persons in organisations that mean something here.
package enum OrganisationRole {
    /// May use the mandates that the organisation holds.
    package static let mandateExecutor = "mandate-executor"
}

/// What is known of a person's right in an organisation.
package struct RightFacts: Hashable, Sendable {
    package let id: RightID
    package let version: Int64
    package let organisationID: OrganisationID
    package let role: String
    /// Whether it was taken away.
    package let isEnded: Bool
    package let period: Period
    /// Whether all that was published about it has been taken in; otherwise nothing may rest on it.
    package let isCertain: Bool

    package init(
        id: RightID, version: Int64, organisationID: OrganisationID, role: String, isEnded: Bool, period: Period,
        isCertain: Bool
    ) {
        self.id = id
        self.version = version
        self.organisationID = organisationID
        self.role = role
        self.isEnded = isEnded
        self.period = period
        self.isCertain = isCertain
    }
}

/// What is known of an organisation.
package struct OrganisationFacts: Hashable, Sendable {
    package let id: OrganisationID
    package let name: String
    package let isStopped: Bool
    /// Whether all that was published about it has been taken in.
    package let isCertain: Bool

    package init(id: OrganisationID, name: String, isStopped: Bool, isCertain: Bool) {
        self.id = id
        self.name = name
        self.isStopped = isStopped
        self.isCertain = isCertain
    }
}

/// Who holds mandates that can be used today, among the person and her organisations.
package struct MandateHoldings: Hashable, Sendable {
    package let personHolds: Bool
    package let organisationsHolding: Set<OrganisationID>

    package init(personHolds: Bool, organisationsHolding: Set<OrganisationID>) {
        self.personHolds = personHolds
        self.organisationsHolding = organisationsHolding
    }

    package static let none = MandateHoldings(personHolds: false, organisationsHolding: [])
}

/// All that decisions about one person's profiles rest on, as known at one moment.
package struct PersonFacts: Hashable, Sendable {
    package let personID: PersonID
    package let dossiers: [DossierFacts]
    package let rights: [RightFacts]
    package let organisations: [OrganisationID: OrganisationFacts]
    package let mandates: MandateHoldings

    package init(
        personID: PersonID, dossiers: [DossierFacts] = [], rights: [RightFacts] = [],
        organisations: [OrganisationID: OrganisationFacts] = [:], mandates: MandateHoldings = .none
    ) {
        self.personID = personID
        self.dossiers = dossiers
        self.rights = rights
        self.organisations = organisations
        self.mandates = mandates
    }
}
