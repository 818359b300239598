package import Vocabulary

/// The body of an `application/problem+json` answer (RFC 9457).
package struct ProblemDocument: Codable, Sendable {
    package static let typePrefix = "urn:toegang:problem:"

    /// `urn:toegang:problem:<code>`.
    package let type: String
    package let title: String
    package let status: Int
    /// What happened this time, what was kept, and what to do.
    package let detail: String?
    /// The request id, by which the service's log can be searched.
    package let instance: String?
    package let code: String
    /// Why a decision went against the caller, most important first.
    package let reasons: [Reason]?

    package init(code: ProblemCode, detail: String?, instance: String?, reasons: [Reason]) {
        self.type = Self.typePrefix + code.rawValue
        self.title = code.title
        self.status = code.status
        self.detail = detail
        self.instance = instance
        self.code = code.rawValue
        self.reasons = reasons.isEmpty ? nil : reasons
    }
}
