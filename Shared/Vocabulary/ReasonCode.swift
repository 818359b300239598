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
    package static let sessionEnded = ReasonCode("session.ended")
    package static let tokenEnded = ReasonCode("token.ended")
    /// There is no such thing for the asker, or she may not know of it.
    package static let notThere = ReasonCode("resource.not-there")
    /// A fact that the decision needs is not known for certain at this moment.
    package static let factsUnknown = ReasonCode("facts.unknown")
}

// MARK: - Profiles and dossiers

extension ReasonCode {
    package static let professionNotHeld = ReasonCode("profession.not-held")
    package static let dossierBeingSetUp = ReasonCode("dossier.being-set-up")
    package static let dossierSuspended = ReasonCode("dossier.suspended")
    package static let dossierClosed = ReasonCode("dossier.closed")
    package static let dossierUnknown = ReasonCode("dossier.unknown")
    package static let dossierNone = ReasonCode("dossier.none")
    package static let dossierContextMismatch = ReasonCode("dossier.context-mismatch")
    package static let profileNotSuited = ReasonCode("profile.not-suited")
    package static let organisationStopped = ReasonCode("organisation.stopped")
    package static let organisationNoRight = ReasonCode("organisation.no-right")
}

// MARK: - Mandates

extension ReasonCode {
    package static let mandateNone = ReasonCode("mandate.none")
    package static let mandateDoesNotCover = ReasonCode("mandate.does-not-cover")
    package static let mandateAlreadyEnded = ReasonCode("mandate.already-ended")
}

// MARK: - Rights in organisations

extension ReasonCode {
    package static let rightNotStarted = ReasonCode("right.not-started")
    package static let rightExpired = ReasonCode("right.expired")
    package static let rightEnded = ReasonCode("right.ended")
    package static let notAccessManager = ReasonCode("manager.not-access-manager")
}
