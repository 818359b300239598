package import Vocabulary

/// A dossier as the authority delivers it.
package struct DossierDelivery: Hashable, Sendable {
    package let personID: PersonID
    package let status: DossierStatus
    package let subject: DossierSubject
    package let contact: Contact
    /// The last name, or the only name, that was delivered beside the number.
    package let lastName: LastName
    /// Whether the person of the number is known under that name.
    package let isNamed: Bool

    /// - Parameter known: the person's last name, or the only name that she has; nothing while nobody has told it.
    package init(
        personID: PersonID, status: DossierStatus, subject: DossierSubject, contact: Contact, lastName: LastName,
        known: String?
    ) {
        self.lastName = lastName
        isNamed = known.map(lastName.agrees(with:)) ?? false
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
    /// The same was known, and it waits no longer for the person who is called so.
    case confirmed(Dossier)
    case unchanged(Dossier)
    /// Another care provider or function holder than the one whose dossier this is: nothing of it is applied.
    case ofSomebodyElse

    /// The dossier as it is now.
    package var dossier: Dossier? {
        switch self {
        case .registered(let dossier), .changed(let dossier), .confirmed(let dossier), .unchanged(let dossier): dossier
        case .ofSomebodyElse: nil
        }
    }
}

extension DossierDelivery {
    /// Compares the delivery with what is known under the same person and capacity.
    ///
    /// The authority is the source of the recognition, the name and the status. Contact data is taken from it only when
    /// the dossier is registered: afterwards the person changes it herself, and the same file delivered again must not
    /// undo that. A new dossier is hers only if number and name are of one person, and one that is there already is not
    /// written over by a row that means somebody else.
    ///
    /// - Parameter id: the id for a dossier that is not known yet.
    package func applied(to known: Dossier?, id: @autoclosure () -> DossierID) -> DeliveryOutcome {
        guard let known else {
            return .registered(
                Dossier(
                    id: id(), personID: personID, isHers: isNamed, version: 1, contactVersion: 1, status: status,
                    subject: subject, contact: contact))
        }
        guard isNamed || means(known) else { return .ofSomebodyElse }
        let (isHers, isSame) = (known.isHers || isNamed, known.status == status && known.subject == subject)
        let next = Dossier(
            id: known.id, personID: personID, isHers: isHers, version: known.version + (isSame ? 0 : 1),
            contactVersion: known.contactVersion, status: status, subject: subject, contact: known.contact)
        guard isSame else { return .changed(next) }
        return isHers == known.isHers ? .unchanged(next) : .confirmed(next)
    }

    /// Whether a row under a name that its person is not known by means the dossier that is there.
    ///
    /// It means a care provider by her name, or by her recognition as long as the dossier waits, so that a name can be put
    /// right; a function holder, whose dossier has no name, as long as it waits.
    private func means(_ known: Dossier) -> Bool {
        switch (known.subject, subject) {
        case (.careProvider(let known), .careProvider(let delivered)) where lastName.agrees(with: known.calledName):
            known.profession == delivered.profession
        case (.careProvider(let provider), .careProvider(let delivered)):
            !known.isHers && provider.recognition.isOfSamePerson(as: delivered.recognition)
        case (.functionHolder, .functionHolder): !known.isHers
        case (.careProvider, .functionHolder), (.functionHolder, .careProvider): false
        }
    }
}

extension CareProvider {
    /// Her last name, or the only name that she has.
    package var calledName: String { lastName.isEmpty ? firstName : lastName }
}

extension Recognition {
    /// Whether both name the same visum, or RIZIV numbers of one person.
    func isOfSamePerson(as other: Recognition) -> Bool {
        if let mine = rizivNumber, let theirs = other.rizivNumber { return mine.personKey == theirs.personKey }
        return visum != nil && visum?.number == other.visum?.number
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
                    id: id, personID: personID, isHers: isHers, version: version + 1,
                    contactVersion: contactVersion + 1, status: status, subject: subject, contact: new)))
    }
}
