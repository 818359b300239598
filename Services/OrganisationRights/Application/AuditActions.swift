import AuditTrail

/// What this service records that somebody did or wanted to do.
extension AuditAction {
    /// An access manager, or an authority's file, gives somebody a right.
    static let giveRight = AuditAction(rawValue: "right.give")
    /// An access manager takes a right away.
    static let endRight = AuditAction(rawValue: "right.end")
    /// An access manager takes a right back that waits for somebody.
    static let withdrawRight = AuditAction(rawValue: "right.withdraw")
    /// A right that waited begins, since number and name agree.
    static let startRight = AuditAction(rawValue: "right.start")
    /// A right waited in vain.
    static let lapseRight = AuditAction(rawValue: "right.lapse")
    /// An authority's file appoints an access manager.
    static let appointAccessManager = AuditAction(rawValue: "access-manager.appoint")
    /// An authority's file ends an appointment, or one that waits.
    static let endAccessManager = AuditAction(rawValue: "access-manager.end")
    /// An appointment that waited begins, since number and name agree.
    static let startAccessManager = AuditAction(rawValue: "access-manager.start")
    /// An appointment waited in vain.
    static let lapseAccessManager = AuditAction(rawValue: "access-manager.lapse")
    /// An authority's file tells of an organisation.
    static let registerOrganisation = AuditAction(rawValue: "organisation.register")
}
