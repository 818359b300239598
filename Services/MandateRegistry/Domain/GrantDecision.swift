package import Vocabulary

/// A mandate as an authority delivers it: signed elsewhere, to be taken into the register.
package struct DeliveredMandate: Hashable, Sendable {
    package let grantor: PersonID
    /// The last name that was delivered beside the grantor's number.
    package let grantorName: LastName
    package let grantorProfession: Profession
    package let holder: Mandate.Holder
    package let type: MandateType
    package let period: Period

    package init(
        grantor: PersonID, grantorName: LastName, grantorProfession: Profession, holder: Mandate.Holder,
        type: MandateType, period: Period
    ) {
        self.grantor = grantor
        self.grantorName = grantorName
        self.grantorProfession = grantorProfession
        self.holder = holder
        self.type = type
        self.period = period
    }

    /// The terms, when the dossier is of somebody who is called as was delivered; nil as well when somebody would hold a
    /// mandate of herself.
    func terms(from dossier: GrantorDossier) -> Mandate.Terms? {
        guard grantorName.agrees(with: dossier.lastName) else { return nil }
        let grantor = Mandate.Grantor(person: dossier.person, dossier: dossier.id, profession: dossier.profession)
        return Mandate.Terms(grantor: grantor, holder: holder, type: type, period: period)
    }
}

/// What is to be done with a delivered mandate.
package enum GrantOutcome: Hashable, Sendable {
    /// It is new: take these terms into the register.
    case grant(Mandate.Terms)
    /// It is there already with the same terms, in whatever state: an ended one is not revived by a delivery.
    case alreadyKnown(Mandate)

    /// What was delivered.
    var terms: Mandate.Terms {
        switch self {
        case .grant(let terms): terms
        case .alreadyKnown(let mandate): mandate.terms
        }
    }
}

/// Decides whether a delivered mandate is taken into the register.
///
/// The grantor needs a dossier in the profession, under the name that was delivered, with a RIZIV number; nobody holds a
/// mandate of herself, the last day may not be past, and two mandates of one type between the same two may not overlap.
/// A dossier of somebody who is called otherwise is refused as one that is not there: a typing error in the grantor's
/// number opens nobody's dossier, and tells nothing.
///
/// - Parameters:
///   - delivered: the mandate as delivered.
///   - dossier: the grantor's dossier in that profession.
///   - organisationIsActive: whether the holding organisation still exists; true for a natural person.
///   - earlier: the mandates of that dossier with the same holder and type.
///   - day: today.
package func mayGrant(
    _ delivered: DeliveredMandate, dossier: Knowledge<GrantorDossier>, organisationIsActive: Bool,
    earlier: [Mandate], on day: LocalDate
) -> Decision<GrantOutcome> {
    let known: GrantorDossier
    switch dossier {
    case .known(let dossier): known = dossier
    case .absent: return .refused(Refusal(.dossierUnknown))
    case .uncertain: return .refused(Refusal(.dossierUncertain))
    }
    guard delivered.grantorName.agrees(with: known.lastName) else { return .refused(Refusal(.dossierUnknown)) }
    guard let terms = delivered.terms(from: known) else { return .refused(Refusal(Reason(.mandateToOneself))) }
    return mayGrant(terms, of: known, organisationIsActive: organisationIsActive, earlier: earlier, on: day)
}

/// Decides whether terms hold that a grantor gives from her dossier.
func mayGrant(
    _ terms: Mandate.Terms, of dossier: GrantorDossier, organisationIsActive: Bool, earlier: [Mandate],
    on day: LocalDate
) -> Decision<GrantOutcome> {
    if let same = earlier.first(where: { $0.terms == terms }) { return .allowed(.alreadyKnown(same)) }
    guard dossier.hasRizivNumber else { return .refused(Refusal(Reason(.mandateNeedsRizivNumber))) }
    guard organisationIsActive else { return .refused(Refusal(Reason(.organisationStopped))) }
    if let end = terms.period.end, end < day {
        return .refused(Refusal(Reason(.mandateExpired, facts: ["endsOn": end.description])))
    }
    let clash = earlier.first { other in
        if case .ended = other.state { return false }
        return other.terms.holder == terms.holder && other.terms.type == terms.type
            && other.terms.period.overlaps(terms.period)
    }
    guard let clash else { return .allowed(.grant(terms)) }
    return .refused(
        Refusal(
            Reason(
                .mandateOverlaps,
                facts: ["reference": clash.reference, "startsOn": clash.terms.period.start.description])))
}
