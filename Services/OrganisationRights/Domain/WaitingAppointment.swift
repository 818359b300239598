package import Vocabulary

/// An appointment that was delivered for a number and a last name, and that begins when they turn out to be of one person.
///
/// Nobody manages by it yet: it is in no event, and no other service knows of it.
package struct WaitingAppointment: Hashable, Sendable {
    /// The id that the appointment will have.
    package let id: RightID
    package let organisation: OrganisationID
    package let person: PersonID
    package let role: AccessManager.Role
    /// The name that was delivered beside the number.
    package let lastName: LastName
    /// From then on it waits no longer, unless it is delivered again.
    package let until: Instant

    /// A waiting appointment as it is stored.
    package init(
        id: RightID, organisation: OrganisationID, person: PersonID, role: AccessManager.Role, lastName: LastName,
        until: Instant
    ) {
        self.id = id
        self.organisation = organisation
        self.person = person
        self.role = role
        self.lastName = lastName
        self.until = until
    }

    fileprivate func isSame(as role: AccessManager.Role, _ name: LastName) -> Bool {
        self.role == role && lastName.agrees(with: name.text)
    }
}

/// What is known in an organisation about the person of a number that an authority delivers.
package struct AppointeeFacts: Hashable, Sendable {
    /// Her last name, or the only name that she has; nothing while nobody has told it.
    package let lastName: String?
    /// Her appointment there that holds.
    package let appointment: AccessManager?
    /// She managed there before.
    package let managedBefore: Bool
    /// What waits for her number there.
    package let waiting: WaitingAppointment?

    package init(lastName: String?, appointment: AccessManager?, managedBefore: Bool, waiting: WaitingAppointment?) {
        self.lastName = lastName
        self.appointment = appointment
        self.managedBefore = managedBefore
        self.waiting = waiting
    }
}

/// What a delivered appointment comes to.
package enum AppointReport: Hashable, Sendable {
    /// Number and name are of one person.
    case reported(AppointOutcome)
    /// They are not, or nobody knows: it waits, in the place of one that waited for the number under another name or role.
    case waits(WaitingAppointment, replacing: RightID?)
    /// The file repeats itself: it waits on, from now.
    case waitsOn(WaitingAppointment)
}

/// Decides about an appointment in an authority's file: whether it holds or waits.
///
/// Where the name differs the outcome is the one of a number that nobody has, whatever is known of the person: who
/// delivers a file learns nothing about numbers.
package func mayReport(
    _ person: PersonID, as role: AccessManager.Role, to lastName: LastName, known facts: AppointeeFacts,
    in organisation: Organisation, at now: Instant, newID: RightID
) -> Decision<AppointReport> {
    let isSame = facts.lastName.map(lastName.agrees(with:)) ?? false
    let decision = mayAppoint(
        person, as: role, in: organisation, known: isSame ? facts.appointment : nil, by: .register, newID: newID)
    guard !isSame, decision.isAllowed else { return decision.map { .reported($0) } }
    let known = facts.waiting
    let waiting = WaitingAppointment(
        id: known.map { $0.isSame(as: role, lastName) ? $0.id : newID } ?? newID, organisation: organisation.id,
        person: person, role: role, lastName: lastName, until: now.adding(WaitingRight.patience))
    return .allowed(waiting.id == known?.id ? .waitsOn(waiting) : .waits(waiting, replacing: known?.id))
}

/// What becomes of appointments when an authority's file says that somebody manages no longer.
package struct EndReport: Hashable, Sendable {
    /// The next version of the appointment that ends.
    package let ended: AccessManager?
    /// What waits no longer.
    package let withdrawn: RightID?

    /// The file repeats itself.
    package var changesNothing: Bool { ended == nil && withdrawn == nil }
}

/// Decides which appointment ends when an authority's file says that the person of a number and a last name manages no
/// longer; nothing when nobody of that number and name manages there, or did.
///
/// One wrong digit must not take a hospital's manager away, so the name has to agree here as well. Whether the
/// organisation was stopped does not matter: less access is always possible.
package func mayEndAppointment(of lastName: LastName, known facts: AppointeeFacts) -> EndReport? {
    let isSame = facts.lastName.map(lastName.agrees(with:)) ?? false
    let waits = facts.waiting.map { $0.lastName.agrees(with: lastName.text) } ?? false
    guard waits || isSame && (facts.appointment != nil || facts.managedBefore) else { return nil }
    return EndReport(ended: isSame ? facts.appointment?.last : nil, withdrawn: waits ? facts.waiting?.id : nil)
}

/// What becomes of a waiting appointment when its number's person signed in.
package enum StartAppointmentOutcome: Hashable, Sendable {
    case appointed(AccessManager)
    /// The names do not agree: it goes on waiting, and looks like one whose number nobody has.
    case waits
    /// It never begins: its time is over, she has the very appointment already, or the organisation was stopped.
    case over
}

/// Decides whether a waiting appointment begins, now that the person of its number signed in.
///
/// - Parameters:
///   - name: the person's last name, or the only name that she has.
///   - known: her appointment in that organisation that holds.
package func start(
    _ waiting: WaitingAppointment, name: String?, in organisation: Organisation, known: AccessManager?, at now: Instant
) -> StartAppointmentOutcome {
    if waiting.until <= now { return .over }
    guard let name, waiting.lastName.agrees(with: name) else { return .waits }
    guard organisation.id == waiting.organisation else { return .over }
    let decision = mayAppoint(
        waiting.person, as: waiting.role, in: organisation, known: known, by: .register, newID: waiting.id)
    guard case .allowed(.appointed(let manager)) = decision else { return .over }
    return .appointed(manager)
}
