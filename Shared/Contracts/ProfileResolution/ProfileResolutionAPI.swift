package import Vocabulary

/// The profiles that a person may take, and those that she may not take yet with the reasons, a page at a time.
package struct ProfileList: Codable, Sendable {
    package struct Entry: Codable, Sendable {
        package let profile: ProfileChoice
        /// Name of the profession or organisation in the four languages; `Burger` for the citizen.
        package let name: [String: String]
        package let available: Bool
        /// Why it is not available; empty when it is.
        package let reasons: [Reason]
        /// Whether mandates are held under this profile (citizen or organisation).
        package let holdsMandates: Bool
        /// The person's own dossier under this profile, when there is one.
        package let dossierId: DossierID?

        package init(
            profile: ProfileChoice, name: [String: String], available: Bool, reasons: [Reason], holdsMandates: Bool,
            dossierId: DossierID?
        ) {
            self.profile = profile
            self.name = name
            self.available = available
            self.reasons = reasons
            self.holdsMandates = holdsMandates
            self.dossierId = dossierId
        }
    }
    /// The citizen's and the professions on the first page, and at most 200 organisations on each.
    package let profiles: [Entry]
    /// The last organisation of these, when there are further ones: what to ask for `after`.
    package let next: OrganisationID?

    package init(profiles: [Entry], next: OrganisationID? = nil) {
        self.profiles = profiles
        self.next = next
    }
}

/// The contact data of a dossier.
package struct ContactData: Codable, Sendable, Hashable {
    package let email: String
    package let phone: String
    package let street: String
    package let postalCode: String
    package let city: String

    package init(email: String, phone: String, street: String, postalCode: String, city: String) {
        self.email = email
        self.phone = phone
        self.street = street
        self.postalCode = postalCode
        self.city = city
    }
}

/// A dossier as its owner or a mandate holder sees it.
package struct DossierView: Codable, Sendable {
    package enum Kind: String, Codable, Sendable {
        case careProvider = "care-provider"
        case functionHolder = "function-holder"
    }
    package let dossierId: DossierID
    package let kind: Kind
    /// Of the contact data; goes back in `If-Match`.
    package let version: Int64
    package let firstName: String
    package let lastName: String
    package let profession: Profession?
    package let rizivNumber: RizivNumber?
    package let function: String?
    package let organisationName: String?
    package let state: String
    /// Absent when the mandate does not cover it.
    package let contact: ContactData?
    /// What the caller may do here.
    package let actions: [DossierAction]

    package init(
        dossierId: DossierID, kind: Kind, version: Int64, firstName: String, lastName: String,
        profession: Profession?, rizivNumber: RizivNumber?, function: String?, organisationName: String?,
        state: String, contact: ContactData?, actions: [DossierAction]
    ) {
        self.dossierId = dossierId
        self.kind = kind
        self.version = version
        self.firstName = firstName
        self.lastName = lastName
        self.profession = profession
        self.rizivNumber = rizivNumber
        self.function = function
        self.organisationName = organisationName
        self.state = state
        self.contact = contact
        self.actions = actions
    }
}

/// The answer to a change of contact data.
package struct ContactChanged: Codable, Sendable {
    package let dossierId: DossierID
    package let version: Int64

    package init(dossierId: DossierID, version: Int64) {
        self.dossierId = dossierId
        self.version = version
    }
}
