import AuditTrail

/// What this service records that somebody did or wanted to do.
extension AuditAction {
    /// Somebody tries to sign in with a digital key.
    static let signIn = AuditAction(rawValue: "sign-in.attempt")
    /// The profile picker takes over a person who has signed in.
    static let redeemInteraction = AuditAction(rawValue: "sign-in.interaction.redeem")
    /// The profile picker tells what she chose.
    static let chooseProfile = AuditAction(rawValue: "sign-in.profile.choose")
    /// Her browser goes on to the portal after the choice.
    static let resume = AuditAction(rawValue: "sign-in.resume")
    /// A portal exchanges the code that her browser brought.
    static let exchangeCode = AuditAction(rawValue: "token.code.exchange")
    /// A portal asks for new tokens of a sign-in.
    static let refresh = AuditAction(rawValue: "token.refresh")
    /// A portal gives a token back.
    static let revoke = AuditAction(rawValue: "token.revoke")
    /// A session ends before its time.
    static let endSession = AuditAction(rawValue: "session.end")
    /// A service asks who has a national number.
    static let resolvePersons = AuditAction(rawValue: "person.resolve")
    /// A service asks what persons are called.
    static let namePersons = AuditAction(rawValue: "person.name")
    /// A row of a file with accounts is taken in.
    static let importAccount = AuditAction(rawValue: "account.import")
    /// A row says which number a person has instead of the one she had.
    static let replaceNumber = AuditAction(rawValue: "person.number.replace")
    /// An operator has a person forgotten.
    static let erasePerson = AuditAction(rawValue: "person.erase")
    /// An operator looks at an account.
    static let showAccount = AuditAction(rawValue: "account.show")
    /// An operator lets nobody wait any longer for failures on an account.
    static let unlockAccount = AuditAction(rawValue: "account.unlock")
    /// An operator closes an account.
    static let disableAccount = AuditAction(rawValue: "account.disable")
    /// An operator opens an account again.
    static let enableAccount = AuditAction(rawValue: "account.enable")
    /// An operator ends the sessions of an account.
    static let endSessions = AuditAction(rawValue: "account.end-sessions")
}
