package import Vocabulary

/// A right that somebody is to get.
package struct RightRequest: Hashable, Sendable {
    package let person: PersonID
    /// The code of the role.
    package let role: String
    package let period: Period

    package init(person: PersonID, role: String, period: Period) {
        self.person = person
        self.role = role
        self.period = period
    }
}

/// Decides whether rights of this role and period can be given in an organisation at all, whoever gets them.
///
/// An access manager decides about the future only; an authority's file also reports what began before.
package func mayGive(
    role: String, period: Period, in organisation: Organisation, by authority: Authority, catalogue: RoleCatalogue,
    on today: LocalDate
) -> Decision<Void> {
    var reasons: [Reason] = []
    if case .manager(let manager) = authority {
        guard manager.organisation == organisation.id else { return .refused(Refusal(.hidden, .notAccessManager)) }
        if period.start < today { reasons.append(.retroactive(period, today)) }
    }
    if organisation.isStopped { reasons.append(.stopped(organisation)) }
    if !catalogue.contains(role) { reasons.append(.roleUnknown) }
    return Refusal(reasons).map { .refused($0) } ?? .allowed(())
}

/// Decides whether an access manager may give a right now, and which right that is.
///
/// - Parameter known: The active rights of the person in that role there. One that has a day in common with the
///   request makes it a conflict: the same right is not given twice.
package func mayGive(
    _ request: RightRequest, in organisation: Organisation, by manager: AccessManager, known: [Right],
    catalogue: RoleCatalogue, on today: LocalDate, newID: RightID
) -> Decision<Right> {
    let general = mayGive(
        role: request.role, period: request.period, in: organisation, by: .manager(manager), catalogue: catalogue,
        on: today)
    if let refusal = general.refusal { return .refused(refusal) }
    if let same = known.first(where: { $0.state == .active && $0.period.overlaps(request.period) }) {
        return .refused(Refusal(.conflict, .alreadyGiven(same)))
    }
    return .allowed(
        Right(
            id: newID, version: 1, organisation: organisation.id, person: request.person, role: request.role,
            period: request.period, state: .active))
}

/// Decides whether an access manager may take a right away; ending it twice is a conflict.
///
/// Whoever gave it does not matter, nor whether the organisation was stopped: less access is always possible.
package func mayEnd(_ right: Right, by manager: AccessManager, at now: Instant) -> Decision<Right> {
    guard manager.organisation == right.organisation else { return .refused(Refusal(.hidden, .notAccessManager)) }
    if let endedAt = right.endedAt { return .refused(Refusal(.conflict, .alreadyEnded(at: endedAt))) }
    return .allowed(right.next(state: .ended(at: now)))
}

/// What a right in an authority's file changes.
package enum ReportOutcome: Hashable, Sendable {
    case given(Right)
    /// The same right, for another period.
    case changed(Right)
    case unchanged(Right)
}

/// Compares a right in an authority's file with those that are known, so that a file can be taken in again.
///
/// - Parameter known: All rights of the person in that role there. A right that began on the same day and was taken
///   away since stays away: the file repeats what was, and an access manager decided later.
package func mayReport(
    _ request: RightRequest, in organisation: Organisation, known: [Right], catalogue: RoleCatalogue,
    on today: LocalDate, newID: RightID
) -> Decision<ReportOutcome> {
    let general = mayGive(
        role: request.role, period: request.period, in: organisation, by: .register, catalogue: catalogue, on: today)
    if let refusal = general.refusal { return .refused(refusal) }
    let active = known.filter { $0.state == .active && $0.period.overlaps(request.period) }
    if active.count > 1 { return .refused(Refusal(.conflict, .alreadyGiven(active[0]))) }
    if let same = active.first {
        return .allowed(same.period == request.period ? .unchanged(same) : .changed(same.next(period: request.period)))
    }
    if let ended = known.first(where: { $0.period.start == request.period.start }) {
        return .allowed(.unchanged(ended))
    }
    return .allowed(
        .given(
            Right(
                id: newID, version: 1, organisation: organisation.id, person: request.person, role: request.role,
                period: request.period, state: .active)))
}
