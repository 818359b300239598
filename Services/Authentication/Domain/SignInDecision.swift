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
    package let account: ThrottleVerdict
    package let source: ThrottleVerdict

    package init(
        person: PersonID?, isEnabled: Bool, passwordFits: Bool, codeStep: Int64?, account: ThrottleVerdict,
        source: ThrottleVerdict
    ) {
        self.person = person
        self.isEnabled = isEnabled
        self.passwordFits = passwordFits
        self.codeStep = codeStep
        self.account = account
        self.source = source
    }
}

/// A sign-in that holds.
package struct SignInGrant: Hashable, Sendable {
    package let person: PersonID
    /// The step to mark as used in the transaction that starts the session.
    package let codeStep: Int64
}

/// Decides whether the credentials fit.
///
/// There is one answer for all that do not: nobody learns which part was wrong.
package func decideSignIn(_ evidence: SignInEvidence) -> Decision<SignInGrant> {
    guard evidence.account == .allowed, evidence.source == .allowed, evidence.isEnabled, evidence.passwordFits,
        let person = evidence.person, let step = evidence.codeStep
    else { return .refused(Refusal(Reason(.credentialsDoNotFit))) }
    return .allowed(SignInGrant(person: person, codeStep: step))
}
