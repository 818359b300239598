package import AuthenticationDomain
import Vocabulary

/// The rules of signing in that an installation can set.
package struct SignInPolicy: Sendable {
    /// How long sessions last.
    package let sessions: SessionPolicy
    /// What makes attempts with the mobile app wait.
    package let appCodeThrottle: ThrottlePolicy
    package let appCode: AppCodeRule
    package let chooser: KeyChooser
    /// How long somebody may take from the portal to the code.
    package let transactionLifetime: Duration
    /// How long a code can be exchanged; at most ``AuthorizationCode/lifetime``.
    package let codeLifetime: Duration

    package init(
        sessions: SessionPolicy = SessionPolicy(), appCodeThrottle: ThrottlePolicy = ThrottlePolicy(),
        appCode: AppCodeRule = AppCodeRule(),
        chooser: KeyChooser = KeyChooser(offered: [.appCode]), transactionLifetime: Duration = .seconds(1800),
        codeLifetime: Duration = AuthorizationCode.lifetime
    ) {
        self.sessions = sessions
        self.appCodeThrottle = appCodeThrottle
        self.appCode = appCode
        self.chooser = chooser
        self.transactionLifetime = transactionLifetime
        self.codeLifetime = min(codeLifetime, AuthorizationCode.lifetime)
    }
}
