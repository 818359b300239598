package import Vocabulary

/// A mandate that was delivered for a holder's number and last name, and that begins when they turn out to be of one
/// person.
///
/// Nobody holds it yet: it is in no event, and no other service knows of it.
package struct WaitingMandate: Hashable, Sendable {
    /// The id that the mandate will have.
    package let id: MandateID
    package let terms: Mandate.Terms
    /// The person of the number, whoever she is.
    package let holder: PersonID
    /// The name that was delivered beside the number.
    package let lastName: LastName
    /// From then on it waits no longer, unless it is delivered again.
    package let until: Instant

    /// A waiting mandate; nil when the terms name no natural person as the holder.
    package init?(id: MandateID, terms: Mandate.Terms, lastName: LastName, until: Instant) {
        guard case .person(let holder) = terms.holder else { return nil }
        self.id = id
        self.terms = terms
        self.holder = holder
        self.lastName = lastName
        self.until = until
    }

    /// Whether it has waited in vain: for too long, or beyond the last day of the mandate itself.
    package func isOver(at now: Instant, on today: LocalDate) -> Bool {
        until <= now || terms.period.end.map { $0 < today } ?? false
    }

    fileprivate func isSame(as terms: Mandate.Terms, _ name: LastName) -> Bool {
        self.terms == terms && lastName.agrees(with: name.text)
    }
}

/// What is known about the holder whom a delivered mandate names.
package struct HolderFacts: Hashable, Sendable {
    /// Whether number and last name are of one person; always for an organisation, which has a number alone.
    package let isNamed: Bool
    /// The last name that was delivered; nothing for an organisation.
    package let lastName: LastName?
    /// Whether a holding organisation still exists; true for a natural person.
    package let organisationIsActive: Bool
    /// The mandates of that type that the grantor's dossier gave to this holder, whatever became of them.
    package let mandates: [Mandate]
    /// What waits for the number, from that dossier and of that type.
    package let waiting: [WaitingMandate]

    /// What is known about an organisation.
    package init(organisationIsActive: Bool, mandates: [Mandate]) {
        isNamed = true
        lastName = nil
        self.organisationIsActive = organisationIsActive
        self.mandates = mandates
        waiting = []
    }

    /// What is known about the person of a number.
    ///
    /// - Parameters:
    ///   - delivered: the last name beside the number.
    ///   - known: her last name, or the only name that she has; nothing while nobody has told it.
    package init(delivered: LastName, known: String?, mandates: [Mandate], waiting: [WaitingMandate]) {
        isNamed = known.map(delivered.agrees(with:)) ?? false
        lastName = delivered
        organisationIsActive = true
        self.mandates = mandates
        self.waiting = waiting
    }

    fileprivate func waiting(for terms: Mandate.Terms) -> WaitingMandate? {
        guard let lastName else { return nil }
        return waiting.first { $0.isSame(as: terms, lastName) }
    }
}

/// What a delivered mandate comes to.
package enum DeliveryOutcome: Hashable, Sendable {
    /// Number and name of the holder are of one person: it is taken, or known already. What waited for her ends.
    case taken(GrantOutcome, ending: MandateID?)
    /// They are not, or nobody knows: it waits.
    case waits(WaitingMandate)
    /// The file repeats itself: it waits on, from now.
    case waitsOn(WaitingMandate)
}

/// Decides whether a delivered mandate is taken into the register or waits; what speaks against it is decided by
/// ``mayGrant(_:dossier:organisationIsActive:earlier:on:)``.
///
/// Where the holder's name differs the outcome is the one of a number that nobody has, whatever is known of the person:
/// who delivers a file learns nothing about numbers.
///
/// - Parameter patience: how long it waits from now.
package func mayDeliver(
    _ delivered: DeliveredMandate, dossier: Knowledge<GrantorDossier>, holder: HolderFacts, patience: Duration,
    at now: Instant, on day: LocalDate, newID: MandateID
) -> Decision<DeliveryOutcome> {
    let decision = mayGrant(
        delivered, dossier: dossier, organisationIsActive: holder.organisationIsActive,
        earlier: holder.isNamed ? holder.mandates : [], on: day)
    guard !holder.isNamed, case .allowed(.grant(let terms)) = decision, let lastName = holder.lastName else {
        return decision.map { outcome in .taken(outcome, ending: holder.waiting(for: outcome.terms)?.id) }
    }
    let same = holder.waiting(for: terms)
    let waiting = WaitingMandate(
        id: same?.id ?? newID, terms: terms, lastName: lastName, until: now.adding(patience))
    guard let waiting else { return decision.map { .taken($0, ending: nil) } }
    return .allowed(same == nil ? .waits(waiting) : .waitsOn(waiting))
}

/// What becomes of mandates when an authority's file says that one has ended.
package struct EndReport: Hashable, Sendable {
    /// The next version of the mandate that ends.
    package let ended: Mandate?
    /// What waits no longer.
    package let withdrawn: WaitingMandate?

    /// The file repeats itself.
    package var changesNothing: Bool { ended == nil && withdrawn == nil }
}

/// Decides which mandate ends when an authority's file says that a party has ended it; nothing when there was none of
/// these terms between the two.
///
/// One wrong digit must not end somebody else's mandate, so both names have to agree here as well. What cannot be known
/// for certain now, and who has stopped, does not matter: less access is always possible.
///
/// - Parameter dossier: the grantor's dossier as it was announced last.
package func mayReportEnd(
    of delivered: DeliveredMandate, by party: Mandate.Party, dossier: GrantorDossier?, holder: HolderFacts,
    at now: Instant, on day: LocalDate
) -> EndReport? {
    guard let dossier, let terms = delivered.terms(from: dossier) else { return nil }
    let mandate = holder.isNamed ? holder.mandates.first { $0.terms == terms } : nil
    let waiting = holder.waiting(for: terms)
    guard mandate != nil || waiting != nil else { return nil }
    return EndReport(
        ended: mandate.flatMap { mayEnd($0, by: party, at: now, on: day).grant }, withdrawn: waiting)
}

/// What becomes of a waiting mandate when its number's person signed in.
package enum StartOutcome: Hashable, Sendable {
    case started(Mandate)
    /// The names do not agree: it goes on waiting, and looks like one whose number nobody has.
    case waits
    /// What is known of the dossier may be out of date: it is looked at again.
    case later
    /// It never begins: its time is over, or it cannot be given any more.
    case over
}

/// Decides whether a waiting mandate begins, now that the person of its number signed in.
///
/// - Parameters:
///   - name: the person's last name, or the only name that she has.
///   - known: the mandates of that type that the grantor's dossier gave to her, whatever became of them.
package func start(
    _ waiting: WaitingMandate, name: String?, dossier: Knowledge<GrantorDossier>, known: [Mandate], at now: Instant,
    on day: LocalDate
) -> StartOutcome {
    if waiting.isOver(at: now, on: day) { return .over }
    guard let name, waiting.lastName.agrees(with: name) else { return .waits }
    switch dossier {
    case .uncertain: return .later
    case .absent: return .over
    case .known(let dossier):
        guard dossier.id == waiting.terms.grantor.dossier,
            case .allowed(.grant(let terms)) = mayGrant(
                waiting.terms, of: dossier, organisationIsActive: true, earlier: known, on: day)
        else { return .over }
        return .started(Mandate.grant(terms, as: waiting.id, at: now))
    }
}
