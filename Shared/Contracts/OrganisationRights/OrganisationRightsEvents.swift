package import Vocabulary

/// Whether an organisation still exists; a stopped one blocks all rights in it.
package enum OrganisationStatus: String, Codable, Sendable, CaseIterable {
    case active, stopped
}

/// The public state of an organisation.
package struct OrganisationState: Codable, Sendable, Hashable {
    package static let registered = "organisation.registered"
    package static let changed = "organisation.changed"
    package static let stopped = "organisation.stopped"
    /// What was told before a restore is corrected to this state.
    package static let restated = "organisation.restated"
    /// What was told before a restore is taken back; the data is a `VoidedState`.
    package static let voided = "organisation.voided"

    package let organisationId: OrganisationID
    package let version: Int64
    package let enterpriseNumber: EnterpriseNumber?
    package let rizivNumber: RizivNumber?
    package let name: String
    package let type: OrganisationType
    package let status: OrganisationStatus

    package init(
        organisationId: OrganisationID, version: Int64, enterpriseNumber: EnterpriseNumber?,
        rizivNumber: RizivNumber?, name: String, type: OrganisationType, status: OrganisationStatus
    ) {
        self.organisationId = organisationId
        self.version = version
        self.enterpriseNumber = enterpriseNumber
        self.rizivNumber = rizivNumber
        self.name = name
        self.type = type
        self.status = status
    }
}

/// Whether a right or an appointment still holds.
package enum RightStatus: String, Codable, Sendable, CaseIterable {
    case active, ended
}

/// The public state of a right: a role of a person in an organisation.
package struct RightState: Codable, Sendable, Hashable {
    package static let given = "right.given"
    package static let ended = "right.ended"
    /// What was told before a restore is corrected to this state.
    package static let restated = "right.restated"
    /// What was told before a restore is taken back; the data is a `VoidedState`.
    package static let voided = "right.voided"

    package let rightId: RightID
    package let version: Int64
    package let organisationId: OrganisationID
    package let personId: PersonID
    /// Such as `mandate-executor`; the catalogue is configuration of organisation-rights-service.
    package let role: String
    package let status: RightStatus
    package let startsOn: LocalDate
    package let endsOn: LocalDate?
    package let endedAt: Instant?

    package init(
        rightId: RightID, version: Int64, organisationId: OrganisationID, personId: PersonID, role: String,
        status: RightStatus, startsOn: LocalDate, endsOn: LocalDate?, endedAt: Instant?
    ) {
        self.rightId = rightId
        self.version = version
        self.organisationId = organisationId
        self.personId = personId
        self.role = role
        self.status = status
        self.startsOn = startsOn
        self.endsOn = endsOn
        self.endedAt = endedAt
    }
}

/// The two kinds of people who give rights in an organisation.
package enum AccessManagerRole: String, Codable, Sendable, CaseIterable {
    case chiefAccessManager = "chief-access-manager"
    case accessManager = "access-manager"
}

/// The public state of the appointment of an access manager.
package struct AccessManagerState: Codable, Sendable, Hashable {
    package static let appointed = "access-manager.appointed"
    package static let ended = "access-manager.ended"
    /// What was told before a restore is corrected to this state.
    package static let restated = "access-manager.restated"
    /// What was told before a restore is taken back; the data is a `VoidedState`.
    package static let voided = "access-manager.voided"

    /// The id of the appointment; shares the space of rights.
    package let appointmentId: RightID
    package let version: Int64
    package let organisationId: OrganisationID
    package let personId: PersonID
    package let role: AccessManagerRole
    package let status: RightStatus

    package init(
        appointmentId: RightID, version: Int64, organisationId: OrganisationID, personId: PersonID,
        role: AccessManagerRole, status: RightStatus
    ) {
        self.appointmentId = appointmentId
        self.version = version
        self.organisationId = organisationId
        self.personId = personId
        self.role = role
        self.status = status
    }
}
