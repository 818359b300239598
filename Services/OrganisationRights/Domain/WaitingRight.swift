package import Vocabulary

/// A right that was given to a number and a last name, and that begins when they turn out to be of one person.
///
/// Nobody has it yet: it is in no event, and no other service knows of it.
package struct WaitingRight: Hashable, Sendable {
    /// The id that the right will have.
    package let id: RightID
    package let organisation: OrganisationID
    /// What the person of the number is to get.
    package let request: RightRequest
    /// The name that was typed beside the number.
    package let lastName: LastName
    /// From then on it waits no longer.
    package let until: Instant

    /// A waiting right as it is stored.
    package init(
        id: RightID, organisation: OrganisationID, request: RightRequest, lastName: LastName, until: Instant
    ) {
        self.id = id
        self.organisation = organisation
        self.request = request
        self.lastName = lastName
        self.until = until
    }

    /// Somebody who was to work somewhere and has not signed in for so long does not come any more.
    package static let patience: Duration = .seconds(90 * 86_400)

    /// Whether it has waited in vain: for too long, or beyond the last day of the right itself.
    package func isOver(at now: Instant, on today: LocalDate) -> Bool {
        until <= now || request.period.end.map { $0 < today } ?? false
    }

    /// The right that it becomes.
    var started: Right {
        Right(
            id: id, version: 1, organisation: organisation, person: request.person, role: request.role,
            period: request.period, state: .active)
    }
}

/// What is known about the person of a number when somebody gives her a right.
package struct HolderFacts: Hashable, Sendable {
    /// Her last name, or the only name that she has; nothing while nobody has told it.
    package let lastName: String?
    /// Her rights in that role and organisation that were not taken away.
    package let rights: [Right]
    /// What waits for her number there, in that role.
    package let waiting: [WaitingRight]

    package init(lastName: String?, rights: [Right], waiting: [WaitingRight]) {
        self.lastName = lastName
        self.rights = rights
        self.waiting = waiting
    }
}

/// What becomes of a right that is given.
package enum GiveOutcome: Hashable, Sendable {
    /// Number and name are of one person: she has it.
    case given(Right)
    /// They are not, or nobody knows: it waits.
    case waits(WaitingRight)
}

/// Decides whether an access manager may give a right to a number and a last name, and whether it holds or waits.
///
/// Where the name differs the answer is the one of a number that nobody has, whatever is known of the person: who gives
/// a right learns nothing about numbers.
package func mayGive(
    _ request: RightRequest, to lastName: LastName, known facts: HolderFacts, in organisation: Organisation,
    by manager: AccessManager, catalogue: RoleCatalogue, on today: LocalDate, at now: Instant, newID: RightID
) -> Decision<GiveOutcome> {
    let isSame = facts.lastName.map(lastName.agrees(with:)) ?? false
    let decision = mayGive(
        request, in: organisation, by: manager, known: isSame ? facts.rights : [], catalogue: catalogue, on: today,
        newID: newID)
    guard !isSame, decision.isAllowed else { return decision.map { .given($0) } }
    if let same = facts.waiting.first(where: { $0.isSame(as: request, lastName) }) {
        return .refused(Refusal(.conflict, .alreadyWaiting(same)))
    }
    return .allowed(.waits(waiting(request, lastName, in: organisation, at: now, newID: newID)))
}

/// Compares a right in an authority's file with what is known: as ``mayReport(_:in:known:catalogue:on:newID:)`` where
/// number and name are of one person, and else it waits.
package func mayReport(
    _ request: RightRequest, to lastName: LastName, known facts: HolderFacts, in organisation: Organisation,
    catalogue: RoleCatalogue, on today: LocalDate, at now: Instant, newID: RightID
) -> Decision<WaitingReportOutcome> {
    let isSame = facts.lastName.map(lastName.agrees(with:)) ?? false
    let decision = mayReport(
        request, in: organisation, known: isSame ? facts.rights : [], catalogue: catalogue, on: today, newID: newID)
    guard !isSame, decision.isAllowed else { return decision.map { .reported($0) } }
    if let same = facts.waiting.first(where: { $0.isSame(as: request, lastName) }) {
        return .allowed(.waitsAlready(same))
    }
    return .allowed(.waits(waiting(request, lastName, in: organisation, at: now, newID: newID)))
}

/// What a right in an authority's file comes to.
package enum WaitingReportOutcome: Hashable, Sendable {
    case reported(ReportOutcome)
    case waits(WaitingRight)
    /// The file repeats itself.
    case waitsAlready(WaitingRight)
}

private func waiting(
    _ request: RightRequest, _ lastName: LastName, in organisation: Organisation, at now: Instant, newID: RightID
) -> WaitingRight {
    WaitingRight(
        id: newID, organisation: organisation.id, request: request, lastName: lastName,
        until: now.adding(WaitingRight.patience))
}

extension WaitingRight {
    /// Whether it is the same right for the same name.
    fileprivate func isSame(as other: RightRequest, _ name: LastName) -> Bool {
        request.role == other.role && request.period.overlaps(other.period) && lastName.agrees(with: name.text)
    }
}

/// What becomes of a waiting right when its number's person signed in.
package enum StartOutcome: Hashable, Sendable {
    case started(Right)
    /// The names do not agree: it goes on waiting, and looks like one whose number nobody has.
    case waits
    /// It never begins: its time is over, the person has the right already, or it cannot be given any more.
    case over
}

/// Decides whether a waiting right begins, now that the person of its number signed in.
///
/// Whoever gave it decided it then; that she manages the organisation no longer takes nothing back.
///
/// - Parameters:
///   - name: the person's last name, or the only name that she has.
///   - known: her rights in that role and organisation that were not taken away.
package func start(
    _ waiting: WaitingRight, name: String?, in organisation: Organisation, known: [Right], catalogue: RoleCatalogue,
    on today: LocalDate, at now: Instant
) -> StartOutcome {
    if waiting.isOver(at: now, on: today) { return .over }
    guard let name, waiting.lastName.agrees(with: name) else { return .waits }
    let general = mayGive(
        role: waiting.request.role, period: waiting.request.period, in: organisation, by: .register,
        catalogue: catalogue, on: today)
    guard general.isAllowed, organisation.id == waiting.organisation,
        !known.contains(where: { $0.state == .active && $0.period.overlaps(waiting.request.period) })
    else { return .over }
    return .started(waiting.started)
}

/// Decides whether an access manager may withdraw a waiting right: whoever gave it, in her own organisation, once.
///
/// - Parameters:
///   - organisation: where the right would have been.
///   - endedAt: since when it waits no longer.
package func mayWithdraw(
    in organisation: OrganisationID, endedAt: Instant?, by manager: AccessManager
) -> Decision<Void> {
    guard manager.organisation == organisation else { return .refused(Refusal(.hidden, .notAccessManager)) }
    if let endedAt { return .refused(Refusal(.conflict, .alreadyEnded(at: endedAt))) }
    return .allowed(())
}

/// How often somebody may give a right to a number and a name that are not known to be of one person.
///
/// Each such right is also a question whether a number is somebody's. The bucket is the giver's own, so nobody fills
/// another's; one that begins after all gives its place back.
package enum MissQuota {
    /// A ward that takes people on fills it seldom; who tries numbers has twelve a day.
    package static let policy = BucketPolicy(capacity: 20, leak: .seconds(7200))
}

/// Decides whether somebody may give another right now; whatever becomes of it, since nobody may learn that first.
package func mayTry(_ misses: LeakyBucket, at now: Instant, under policy: BucketPolicy) -> Decision<Void> {
    switch misses.verdict(at: now, under: policy) {
    case .free: .allowed(())
    case .wait(let until): .refused(Refusal(.tooMany(wait: until - now), .tooManyWaiting(until: until)))
    }
}
