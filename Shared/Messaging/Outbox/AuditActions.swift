package import AuditTrail

extension AuditAction {
    /// A source that told more than its database knows takes over what it told; each event that was taken over refers
    /// to such a record.
    package static let adoptOutbox = AuditAction(rawValue: "outbox.adopt")
    /// It corrects what it told.
    package static let correctOutbox = AuditAction(rawValue: "outbox.correct")
    /// An operator looks at what restorations took over and corrected.
    package static let showRestorations = AuditAction(rawValue: "outbox.restorations.show")
}
