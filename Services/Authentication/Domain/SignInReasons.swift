package import Vocabulary

/// What somebody reads whose sign-in was refused.
///
/// Only ``signInWait`` and ``credentialsDoNotFit`` are for everybody; the others are told only to
/// who typed everything right.
extension ReasonCode {
    /// Too many attempts failed in this browser or from this network; the fact `until` is a time of day.
    package static let signInWait = ReasonCode(rawValue: "sign-in.wait")
    /// Everything fits, but too many codes before it did not; the fact `until` is a time of day.
    package static let signInRightButWait = ReasonCode(rawValue: "sign-in.right-but-wait")
    /// Everything fits, and the account was disabled.
    package static let accountDisabled = ReasonCode(rawValue: "account.disabled")
    /// The only reason at sign-in: user name, password and code do not belong together.
    package static let credentialsDoNotFit = ReasonCode(rawValue: "credentials.do-not-fit")
    package static let interactionUnknown = ReasonCode(rawValue: "interaction.unknown")
    package static let interactionExpired = ReasonCode(rawValue: "interaction.expired")
    package static let tokenUnknown = ReasonCode(rawValue: "token.unknown")
}
