package import Vocabulary

/// A dossier as the authority delivers it.
package struct DossierDelivery: Hashable, Sendable {
    package let personID: PersonID
    package let status: DossierStatus
    package let subject: DossierSubject
    package let contact: Contact

    package init(personID: PersonID, status: DossierStatus, subject: DossierSubject, contact: Contact) {
        self.personID = personID
        self.status = status
        self.subject = subject
        self.contact = contact
    }
}

/// What a delivery does to what is known.
package enum DeliveryOutcome: Hashable, Sendable {
    case registered(Dossier)
    case changed(Dossier)
    case unchanged
}

extension DossierDelivery {
    /// Compares the delivery with what is known under the same person and capacity.
    ///
    /// The authority is the source of the recognition, the name and the status. Contact data is taken from it only when
    /// the dossier is registered: afterwards the person changes it herself, and the same file delivered again must not
    /// undo that.
    ///
    /// - Parameter id: the id for a dossier that is not known yet.
    package func applied(to known: Dossier?, id: @autoclosure () -> DossierID) -> DeliveryOutcome {
        guard let known else {
            return .registered(
                Dossier(
                    id: id(), personID: personID, version: 1, contactVersion: 1, status: status, subject: subject,
                    contact: contact))
        }
        guard known.status != status || known.subject != subject else { return .unchanged }
        return .changed(
            Dossier(
                id: known.id, personID: personID, version: known.version + 1, contactVersion: known.contactVersion,
                status: status, subject: subject, contact: known.contact))
    }
}

/// What a change of contact data comes to.
package enum ContactChange: Hashable, Sendable {
    case changed(Dossier)
    /// The data is the same already.
    case unchanged(Dossier)
}

extension Dossier {
    /// Decides whether the caller may change the contact data to this, and what the dossier is then.
    ///
    /// - Parameter seen: the version that the caller looked at.
    package func changingContact(
        to new: Contact, seen: Int64, by caller: DossierCaller
    ) -> Decision<ContactChange> {
        if let refusal = decide(.changeContact, by: caller).refusal { return .refused(refusal) }
        guard seen == contactVersion else {
            return .refused(Refusal(.outdated, Reason(.dossierVersionChanged)))
        }
        guard new != contact else { return .allowed(.unchanged(self)) }
        return .allowed(
            .changed(
                Dossier(
                    id: id, personID: personID, version: version + 1, contactVersion: contactVersion + 1,
                    status: status, subject: subject, contact: new)))
    }
}
