import Metrics
package import Vocabulary

/// What is recorded that somebody did or wanted to do, such as `dossier.contact.change`: a noun, perhaps a part of it,
/// and a verb.
///
/// Each service names its own in `Application/AuditActions.swift` and nowhere else.
package struct AuditAction: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    /// An action as a record names it.
    package init(rawValue: String) { self.rawValue = rawValue }

    /// Counts that it was refused (`toegang_refusals_total`); a record counts by itself.
    package func countRefusal(_ reason: ReasonCode) {
        Counter(
            label: "toegang_refusals_total", dimensions: [("action", rawValue), ("reason", reason.rawValue)]
        ).increment()
    }
}
