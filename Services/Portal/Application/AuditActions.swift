import AuditTrail

/// What the portal records that somebody did or wanted to do.
extension AuditAction {
    /// A browser comes back from the identity provider.
    static let signIn = AuditAction(rawValue: "portal.sign-in")
    /// A person signs out.
    static let signOut = AuditAction(rawValue: "portal.sign-out")
    /// The identity provider says that a session is over.
    static let signOutByProvider = AuditAction(rawValue: "portal.sign-out-by-provider")
}
