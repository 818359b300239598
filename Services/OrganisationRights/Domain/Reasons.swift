import Vocabulary

extension Reason {
    /// The person is no access manager of this organisation.
    static let notAccessManager = Reason(.notAccessManager, remedy: .ask("chief-access-manager"))

    /// Only a chief access manager appoints.
    static func mayNotAppoint(_ role: AccessManager.Role) -> Reason {
        Reason(.managerMayNotAppoint, facts: ["role": role.rawValue], remedy: .ask("chief-access-manager"))
    }

    /// The organisation does not exist any more.
    static func stopped(_ organisation: Organisation) -> Reason {
        Reason(.organisationStopped, facts: ["organisation": organisation.name])
    }

    /// There is no such role; the facts do not repeat what was sent.
    static let roleUnknown = Reason(.rightRoleUnknown)

    /// A right cannot begin before the day on which it is given.
    static func retroactive(_ period: Period, _ today: LocalDate) -> Reason {
        Reason(.rightRetroactive, facts: ["startsOn": period.start.description, "today": today.description])
    }

    /// The person has this right already, on at least one of the days.
    static func alreadyGiven(_ right: Right) -> Reason {
        var facts = ["role": right.role, "startsOn": right.period.start.description]
        facts["endsOn"] = right.period.end?.description
        return Reason(.rightAlreadyGiven, facts: facts)
    }

    /// The same right waits for this number and name already.
    static func alreadyWaiting(_ waiting: WaitingRight) -> Reason {
        var facts = ["role": waiting.request.role, "startsOn": waiting.request.period.start.description]
        facts["endsOn"] = waiting.request.period.end?.description
        return Reason(.rightAlreadyWaiting, facts: facts)
    }

    /// Too many of the rights that this person gave wait for somebody.
    static func tooManyWaiting(until: Instant) -> Reason {
        Reason(.rightTooManyWaiting, facts: ["until": until.description], remedy: .wait("waiting-rights"))
    }

    /// The right was taken away already.
    static func alreadyEnded(at instant: Instant) -> Reason {
        Reason(.rightEnded, facts: ["endedAt": instant.description])
    }
}
