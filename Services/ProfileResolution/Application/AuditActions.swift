import AuditTrail

/// What this service records that somebody did or wanted to do.
extension AuditAction {
    /// A person chooses a profile in the picker.
    static let chooseProfile = AuditAction(rawValue: "profile.choose")
    /// The owner of a dossier, or the holder of a mandate, looks at it.
    static let openDossier = AuditAction(rawValue: "dossier.open")
    /// The same changes its contact data.
    static let changeContact = AuditAction(rawValue: "dossier.contact.change")
    /// An authority's file registers dossiers or changes them.
    static let importDossiers = AuditAction(rawValue: "dossier.import")
    /// A dossier that waited becomes the one of the person of its number, since the names agree.
    static let confirmDossier = AuditAction(rawValue: "dossier.confirm")
}
