import AuditTrail

/// What this service records that somebody did or wanted to do.
extension AuditAction {
    /// The holder of a mandate opens the grantor's dossier.
    static let openDossier = AuditAction(rawValue: "dossier.open")
    /// A grantor stops a mandate.
    static let stopMandate = AuditAction(rawValue: "mandate.stop")
    /// A holder renounces a mandate.
    static let renounceMandate = AuditAction(rawValue: "mandate.renounce")
    /// The last day of mandates is past.
    static let expireMandates = AuditAction(rawValue: "mandate.expire")
    /// A mandate in a delivered file is taken into the register, or waits.
    static let importMandate = AuditAction(rawValue: "mandate.import")
    /// A delivered file tells that a party has ended a mandate, or one that waits.
    static let importMandateEnd = AuditAction(rawValue: "mandate.import-end")
    /// A mandate that waited begins, since number and name of its holder agree.
    static let startMandate = AuditAction(rawValue: "mandate.start")
    /// A mandate waited in vain.
    static let lapseMandate = AuditAction(rawValue: "mandate.lapse")
}
