package import Vocabulary

/// Why a right is not given, where only this service gives the reason.
extension ReasonCode {
    package static let rightAlreadyGiven = ReasonCode(rawValue: "right.already-given")
    package static let rightAlreadyWaiting = ReasonCode(rawValue: "right.already-waiting")
    package static let rightTooManyWaiting = ReasonCode(rawValue: "right.too-many-waiting")
    package static let rightRoleUnknown = ReasonCode(rawValue: "right.role-unknown")
    package static let rightRetroactive = ReasonCode(rawValue: "right.retroactive")
    package static let managerMayNotAppoint = ReasonCode(rawValue: "manager.may-not-appoint")
}
