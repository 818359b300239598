package import Vocabulary

/// What is known when somebody signs in with user name, password and app code.
///
/// Every part is worked out, also for a user name that nobody has, so that the time taken tells nothing.
package struct SignInEvidence: Hashable, Sendable {
    /// The account of the user name, when there is one.
    package let person: PersonID?
    /// Whether the account may be used.
    package let isEnabled: Bool
    package let passwordFits: Bool
    /// The step of the app code, when it fits one that was not used.
    package let codeStep: Int64?
    /// Whether a right code may open something now.
    package let code: ThrottleVerdict

    package init(
        person: PersonID?, isEnabled: Bool, passwordFits: Bool, codeStep: Int64?, code: ThrottleVerdict
    ) {
        self.person = person
        self.isEnabled = isEnabled
        self.passwordFits = passwordFits
        self.codeStep = codeStep
        self.code = code
    }
}

/// A sign-in in which everything fits.
package struct SignInGrant: Hashable, Sendable {
    package let person: PersonID
    /// The step to mark as used in the transaction that starts the session.
    package let codeStep: Int64
}

/// What credentials lead to.
package enum SignInVerdict: Hashable, Sendable {
    /// Everything fits.
    case granted(SignInGrant)
    /// There is no such account, or the password is not its.
    case wrongPassword
    /// The password fits, and the code is wrong or was used before.
    case wrongCode
    /// Everything fits, but too many codes before it did not.
    case rightButWait(SignInGrant, until: Instant)
    /// Everything fits, and the account was disabled.
    case disabled

    /// Whether something was typed wrong.
    package var isFailure: Bool { self == .wrongPassword || self == .wrongCode }
}

/// Decides what credentials lead to.
///
/// More than "they do not belong together" is told only to who typed everything right: nobody learns which part was
/// wrong, that an account exists, or that a password fits.
package func decideSignIn(_ evidence: SignInEvidence) -> SignInVerdict {
    guard evidence.passwordFits, let person = evidence.person else { return .wrongPassword }
    guard let step = evidence.codeStep else { return .wrongCode }
    guard evidence.isEnabled else { return .disabled }
    let grant = SignInGrant(person: person, codeStep: step)
    guard case .wait(let until) = evidence.code else { return .granted(grant) }
    return .rightButWait(grant, until: until)
}
