import ContractCore
package import Vocabulary

extension Problem {
    /// A decision that went against the caller, answered by its kind; the one table of that.
    ///
    /// - Parameter detail: What happened, what was kept and what to do; not told of what is hidden.
    package init(_ refusal: Refusal, detail: String? = nil) {
        let reasons = refusal.reasons
        switch refusal.kind {
        case .notAllowed: self.init(.refused, detail, reasons: reasons)
        case .hidden: self.init(.notFound)
        case .nothingThere: self.init(.notFound, detail, reasons: reasons)
        case .conflict: self.init(.conflict, detail, reasons: reasons)
        case .otherDossier: self.init(.contextMismatch, detail, reasons: reasons)
        case .outdated:
            self.init(
                .versionMismatch,
                detail ?? "Somebody changed it after you looked at it; your change was not kept. Read it again.")
        case .passageOver: self.init(.interactionUnknown)
        case .tooMany(let wait):
            let seconds = (min(wait, .seconds(1_000_000)) / .seconds(1)).rounded(.up)
            self.init(.tooManyRequests, detail, reasons: reasons, retryAfter: max(1, Int(seconds)))
        }
    }
}

extension Decision {
    /// What was granted, for a route.
    ///
    /// - Parameter detail: What a refusal is explained with: what happened, what was kept and what to do.
    /// - Throws: The problem that the refusal is answered with.
    package func granted(orTelling detail: String? = nil) throws(Problem) -> Grant {
        switch self {
        case .allowed(let grant): return grant
        case .refused(let refusal): throw Problem(refusal, detail: detail)
        }
    }
}
