package import Vocabulary

/// Why a call of another service brought no answer that can be used.
package enum RemoteError: Error, Sendable, CustomStringConvertible {
    /// The service answered with a problem.
    case problem(RemoteProblem)
    /// The service did not answer in time or could not be reached; nothing was done there.
    case unavailable(String)
    /// A write was sent and no answer came; whether it was done is not known.
    case outcomeUnknown(String)
    /// The answer is not what the contract says.
    case notUnderstood(String)

    package var description: String {
        switch self {
        case .problem(let problem): "the service answered \(problem)"
        case .unavailable(let what): "the service is unavailable: \(what)"
        case .outcomeUnknown(let what): "the service did not answer, and may have done it: \(what)"
        case .notUnderstood(let what): "the service's answer is not understood: \(what)"
        }
    }

    /// The problem that the service answered with, when it did.
    package var problem: RemoteProblem? {
        guard case .problem(let problem) = self else { return nil }
        return problem
    }

    /// Whether what was asked for may have been done, though no answer says so.
    package var mayHaveBeenDone: Bool {
        if case .outcomeUnknown = self { return true }
        return isProblem(.outcomeUnknown)
    }

    /// The same failure, told to somebody who asked for something else, of which this was only to be the beginning: of
    /// hers nothing was done.
    package var beforehand: RemoteError { mayHaveBeenDone ? .unavailable("\(self)") : self }

    /// Whether the service answered with this code.
    package func isProblem(_ code: ProblemCode) -> Bool {
        problem?.code == code.rawValue
    }
}

/// A problem as another service answered it.
package struct RemoteProblem: Sendable, Equatable, CustomStringConvertible {
    /// The problem's code, or the error of an OAuth endpoint; empty when the answer has neither.
    package let code: String
    /// The HTTP status.
    package let status: Int
    /// The explanation.
    package let detail: String?
    /// The reasons of a refusal.
    package let reasons: [Reason]
    /// Seconds after which trying again makes sense.
    package let retryAfter: Int?

    /// A problem from its parts.
    package init(code: String, status: Int, detail: String? = nil, reasons: [Reason] = [], retryAfter: Int? = nil) {
        self.code = code
        self.status = status
        self.detail = detail
        self.reasons = reasons
        self.retryAfter = retryAfter
    }

    package var description: String { "\(status) \(code)" }
}
