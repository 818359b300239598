/// The stable name of a reason: part of the contracts, the key of its texts, and what the audit trail keeps.
package struct ReasonCode: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    private init(_ rawValue: String) { self.rawValue = rawValue }

    package var description: String { rawValue }

    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

// MARK: - Sign-in, sessions and tokens

extension ReasonCode {
    /// The only reason at sign-in: user name, password and code do not belong together.
    package static let credentialsDoNotFit = ReasonCode("credentials.do-not-fit")
    package static let keyTooWeak = ReasonCode("key.too-weak")
    package static let keyNotAvailable = ReasonCode("key.not-available")
    package static let sessionEnded = ReasonCode("session.ended")
    package static let interactionUnknown = ReasonCode("interaction.unknown")
    package static let interactionExpired = ReasonCode("interaction.expired")
    package static let tokenUnknown = ReasonCode("token.unknown")
    package static let tokenExpired = ReasonCode("token.expired")
    package static let tokenEnded = ReasonCode("token.ended")
    package static let tokenOfOtherTab = ReasonCode("token.of-other-tab")
    /// A fact that the decision needs is not known for certain at this moment.
    package static let factsUnknown = ReasonCode("facts.unknown")
}

// MARK: - Profiles and dossiers

extension ReasonCode {
    package static let professionNotHeld = ReasonCode("profession.not-held")
    package static let recognitionMissing = ReasonCode("recognition.missing")
    package static let dossierBeingSetUp = ReasonCode("dossier.being-set-up")
    package static let dossierSuspended = ReasonCode("dossier.suspended")
    package static let dossierClosed = ReasonCode("dossier.closed")
    package static let dossierUnknown = ReasonCode("dossier.unknown")
    package static let dossierNone = ReasonCode("dossier.none")
    package static let dossierContextMismatch = ReasonCode("dossier.context-mismatch")
    package static let dossierVersionChanged = ReasonCode("dossier.version-changed")
    package static let profileNotSuited = ReasonCode("profile.not-suited")
    package static let organisationNone = ReasonCode("organisation.none")
    package static let organisationUnknown = ReasonCode("organisation.unknown")
    package static let organisationStopped = ReasonCode("organisation.stopped")
    package static let organisationNoRight = ReasonCode("organisation.no-right")
    package static let organisationWithProfession = ReasonCode("organisation.with-profession")
}

// MARK: - Mandates

extension ReasonCode {
    package static let mandateNone = ReasonCode("mandate.none")
    package static let mandateUnknown = ReasonCode("mandate.unknown")
    package static let mandateNotSigned = ReasonCode("mandate.not-signed")
    package static let mandateNotStarted = ReasonCode("mandate.not-started")
    package static let mandateExpired = ReasonCode("mandate.expired")
    package static let mandateStopped = ReasonCode("mandate.stopped")
    package static let mandateRenounced = ReasonCode("mandate.renounced")
    package static let mandateRefused = ReasonCode("mandate.refused")
    package static let mandateTransferred = ReasonCode("mandate.transferred")
    package static let mandateNotParty = ReasonCode("mandate.not-party")
    package static let mandateNotHolder = ReasonCode("mandate.not-holder")
    package static let mandateOfOtherProfile = ReasonCode("mandate.of-other-profile")
    package static let mandateDoesNotCover = ReasonCode("mandate.does-not-cover")
    package static let mandateNeedsRizivNumber = ReasonCode("mandate.needs-riziv-number")
    package static let mandateToOneself = ReasonCode("mandate.to-oneself")
    package static let mandateRetroactive = ReasonCode("mandate.retroactive")
    package static let mandateOverlaps = ReasonCode("mandate.overlaps")
    package static let mandateAlreadyEnded = ReasonCode("mandate.already-ended")
}

// MARK: - Rights in organisations

extension ReasonCode {
    package static let rightUnknown = ReasonCode("right.unknown")
    package static let rightNotStarted = ReasonCode("right.not-started")
    package static let rightExpired = ReasonCode("right.expired")
    package static let rightEnded = ReasonCode("right.ended")
    package static let rightAlreadyGiven = ReasonCode("right.already-given")
    package static let rightAlreadyWaiting = ReasonCode("right.already-waiting")
    package static let rightTooManyWaiting = ReasonCode("right.too-many-waiting")
    package static let rightRoleUnknown = ReasonCode("right.role-unknown")
    package static let rightRoleMissing = ReasonCode("right.role-missing")
    package static let rightRetroactive = ReasonCode("right.retroactive")
    package static let notAccessManager = ReasonCode("manager.not-access-manager")
    package static let managerMayNotAppoint = ReasonCode("manager.may-not-appoint")
}
