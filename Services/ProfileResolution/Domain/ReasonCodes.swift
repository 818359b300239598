package import Vocabulary

/// Why a dossier is not opened or changed, where only this service gives the reason.
extension ReasonCode {
    package static let tokenOfOtherTab = ReasonCode(rawValue: "token.of-other-tab")
    package static let organisationWithProfession = ReasonCode(rawValue: "organisation.with-profession")
    package static let dossierVersionChanged = ReasonCode(rawValue: "dossier.version-changed")
}
