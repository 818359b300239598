package import Vocabulary

/// Why a mandate opens nothing or is not taken, where only this service gives the reason.
extension ReasonCode {
    package static let mandateNotSigned = ReasonCode(rawValue: "mandate.not-signed")
    package static let mandateNotStarted = ReasonCode(rawValue: "mandate.not-started")
    package static let mandateExpired = ReasonCode(rawValue: "mandate.expired")
    package static let mandateStopped = ReasonCode(rawValue: "mandate.stopped")
    package static let mandateRenounced = ReasonCode(rawValue: "mandate.renounced")
    package static let mandateRefused = ReasonCode(rawValue: "mandate.refused")
    package static let mandateNeedsRizivNumber = ReasonCode(rawValue: "mandate.needs-riziv-number")
    package static let mandateToOneself = ReasonCode(rawValue: "mandate.to-oneself")
    package static let mandateOverlaps = ReasonCode(rawValue: "mandate.overlaps")
    /// A file names an organisation that organisation-rights-service has not announced.
    package static let organisationUnannounced = ReasonCode(rawValue: "organisation.unannounced")
    package static let rightRoleMissing = ReasonCode(rawValue: "right.role-missing")
}
