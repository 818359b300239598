package import Vocabulary

/// How far a dossier is.
package enum DossierState: String, Codable, Sendable, CaseIterable {
    /// The visum or RIZIV number is recent; setting up takes some days.
    case beingSetUp = "being-set-up"
    case open
    /// Suspended or struck off: no profile as a care provider.
    case suspended
    case closed
}

/// The public state of a care provider's dossier: one person in one profession.
///
/// Name, profession and RIZIV number of a care provider are public professional data, which grantor search needs.
/// Contact data is not public and is never here; a change of it is announced by the version alone.
package struct CareProviderDossierState: Codable, Sendable, Hashable {
    package static let registered = "care-provider.registered"
    package static let changed = "care-provider.changed"
    package static let contactChanged = "care-provider.contact-changed"
    /// What was told before a restore is corrected to this state.
    package static let restated = "care-provider.restated"
    /// What was told before a restore is taken back; the data is a `VoidedState`.
    package static let voided = "care-provider.voided"

    package let dossierId: DossierID
    package let version: Int64
    package let personId: PersonID
    package let profession: Profession
    package let firstName: String
    package let lastName: String
    /// 8 or 11 digits; absent for those who practise with a visum only.
    package let rizivNumber: RizivNumber?
    package let state: DossierState

    package init(
        dossierId: DossierID, version: Int64, personId: PersonID, profession: Profession, firstName: String,
        lastName: String, rizivNumber: RizivNumber?, state: DossierState
    ) {
        self.dossierId = dossierId
        self.version = version
        self.personId = personId
        self.profession = profession
        self.firstName = firstName
        self.lastName = lastName
        self.rizivNumber = rizivNumber
        self.state = state
    }
}

/// The public state of the dossier of somebody who is no care provider but has a function in an institution or grouping.
package struct FunctionHolderDossierState: Codable, Sendable, Hashable {
    package static let registered = "function-holder.registered"
    package static let changed = "function-holder.changed"
    package static let contactChanged = "function-holder.contact-changed"
    /// What was told before a restore is corrected to this state.
    package static let restated = "function-holder.restated"
    /// What was told before a restore is taken back; the data is a `VoidedState`.
    package static let voided = "function-holder.voided"

    package let dossierId: DossierID
    package let version: Int64
    package let personId: PersonID
    /// Such as `director`; the catalogue is configuration of profile-resolution-service.
    package let function: String
    package let organisationName: String
    package let state: DossierState

    package init(
        dossierId: DossierID, version: Int64, personId: PersonID, function: String, organisationName: String,
        state: DossierState
    ) {
        self.dossierId = dossierId
        self.version = version
        self.personId = personId
        self.function = function
        self.organisationName = organisationName
        self.state = state
    }
}
