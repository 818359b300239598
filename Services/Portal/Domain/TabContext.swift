package import Vocabulary

/// The dossier that a tab has open, by which mandate, and for whom.
package struct OpenDossier: Sendable, Hashable {
    package let dossierID: DossierID
    package let mandateID: MandateID
    package let mandateType: MandateType

    package init(dossierID: DossierID, mandateID: MandateID, mandateType: MandateType) {
        self.dossierID = dossierID
        self.mandateID = mandateID
        self.mandateType = mandateType
    }
}

/// What a tab of the browser is about.
///
/// A tab has one dossier for all its life: opening another one gives another tab, so no page of a tab can ever be about
/// a dossier that its tab has left.
package enum TabContext: Sendable, Hashable {
    /// Searching for a grantor.
    case searching
    case open(OpenDossier)
    /// The tab's dossier may no longer be seen, and why; it stays that tab's dossier.
    case lost(OpenDossier, [Reason])

    /// The dossier that the tab is or was about.
    package var dossier: OpenDossier? {
        switch self {
        case .searching: nil
        case .open(let dossier), .lost(let dossier, _): dossier
        }
    }

    /// Where a dossier is to be opened.
    package enum Placement: Sendable, Hashable {
        case thisTab, newTab
    }

    /// In which tab a dossier opens: here when this tab searches or has this dossier, else in another one.
    package func placement(of dossierID: DossierID) -> Placement {
        guard let dossier else { return .thisTab }
        return dossier.dossierID == dossierID ? .thisTab : .newTab
    }

    /// Whether a form may be written: the tab has a dossier open, and the form was made for that one.
    package func write(formDossier: DossierID?) -> Decision<OpenDossier> {
        switch self {
        case .searching: .refused(Refusal(Reason(.dossierNone)))
        case .lost(_, let reasons): .refused(Refusal(reasons) ?? Refusal(Reason(.tokenEnded)))
        case .open(let dossier) where dossier.dossierID == formDossier: .allowed(dossier)
        case .open: .refused(Refusal(Reason(.dossierContextMismatch)))
        }
    }

    /// The tab after its dossier was refused.
    package func losing(_ reasons: [Reason]) -> TabContext {
        guard let dossier else { return self }
        return .lost(dossier, reasons)
    }
}
