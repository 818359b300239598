import Vocabulary

extension Reason {
    /// Under a profession one acts on one's own dossier; mandates are used as a citizen or for an organisation.
    static let profileHoldsNoMandates = Reason(.profileNotSuited, remedy: .chooseAnotherProfile)

    /// The events of organisation-rights-service do not arrive in order at the moment.
    static let organisationUncertain = Reason(
        .factsUnknown, facts: ["source": "organisation-rights"], remedy: .wait("facts"))

    /// The person has no right to use the mandates of the organisation whose profile she chose.
    static func executorMissing(organisation name: String?) -> Reason {
        var facts = ["role": OrganisationStanding.executorRole]
        facts["organisation"] = name
        return Reason(.rightRoleMissing, facts: facts, remedy: .ask("access-managers"))
    }

    /// The person has such a right, but not today.
    static func executorNotToday(
        _ right: OrganisationStanding.ExecutorRight, in organisation: String, on day: LocalDate
    ) -> Reason {
        var facts = ["role": OrganisationStanding.executorRole, "organisation": organisation]
        if day < right.period.start {
            facts["startsOn"] = right.period.start.description
            return Reason(.rightNotStarted, facts: facts, remedy: .wait("start"))
        }
        facts["endsOn"] = right.period.end?.description
        return Reason(.rightExpired, facts: facts, remedy: .ask("access-managers"))
    }

    /// The organisation does not exist any more.
    static func organisationStopped(_ name: String) -> Reason {
        Reason(.organisationStopped, facts: ["organisation": name], remedy: .chooseAnotherProfile)
    }

    /// There is no mandate, and nothing is said about the dossier.
    static let mandateMissing = Reason(.mandateNone, remedy: .ask("grantor"))

    /// There is a mandate, but not today.
    static func mandateNotInForce(_ mandate: Mandate, on day: LocalDate) -> Reason {
        var facts = ["mandateType": mandate.terms.type.rawValue]
        switch mandate.standing(on: day) {
        case .awaitsSignature:
            return Reason(.mandateNotSigned, facts: facts, remedy: .ask("grantor"))
        case .notStarted(let first):
            facts["startsOn"] = first.description
            return Reason(.mandateNotStarted, facts: facts, remedy: .wait("start"))
        case .over(let manner):
            if manner == .expired { facts["endsOn"] = mandate.terms.period.end?.description }
            if manner != .expired, case .ended(let end) = mandate.state { facts["endedAt"] = end.at.description }
            return Reason(.over(manner), facts: facts, remedy: .ask("grantor"))
        case .inForce:
            return notCovered(mandate.terms.type)
        }
    }

    /// There is a mandate, but its type does not go so far.
    static func notCovered(_ type: MandateType) -> Reason {
        Reason(.mandateDoesNotCover, facts: ["mandateType": type.rawValue], remedy: .ask("grantor"))
    }

    /// The events of profile-resolution-service do not arrive in order at the moment.
    static let dossierUncertain = Reason(
        .factsUnknown, facts: ["source": "profile-resolution"], remedy: .wait("facts"))

    /// The grantor's dossier has not been announced yet.
    static let dossierUnknown = Reason(.dossierUnknown, remedy: .wait("dossier"))

    /// The grantor's dossier cannot be worked in.
    static func dossierNotOpen(_ state: GrantorDossier.State) -> Reason {
        switch state {
        // Not the reason that speaks of one's own dossier: to a holder it is somebody else's, which is not there yet.
        case .beingSetUp: Reason(.dossierUnknown, remedy: .wait("dossier-set-up"))
        case .suspended: Reason(.dossierSuspended, remedy: .ask("service-center"))
        case .closed, .open: Reason(.dossierClosed, remedy: .ask("service-center"))
        }
    }

    /// What is over cannot be ended again.
    static func alreadyOver(_ mandate: Mandate, _ manner: Mandate.End.Manner) -> Reason {
        Reason(
            .mandateAlreadyEnded, facts: ["mandateType": mandate.terms.type.rawValue, "manner": manner.rawValue])
    }
}

extension ReasonCode {
    /// Why a mandate that is over cannot be used.
    static func over(_ manner: Mandate.End.Manner) -> ReasonCode {
        switch manner {
        case .refused: .mandateRefused
        case .stopped: .mandateStopped
        case .renounced: .mandateRenounced
        case .expired: .mandateExpired
        }
    }
}
