package import Contracts
package import ServiceKit
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

extension Problem {
    /// What a caller of ours is told when a service that must decide cannot: its refusal, or that it is away.
    ///
    /// A problem of the other service that this service brought upon itself (a wrong token, a malformed request) is
    /// not the caller's: it becomes an unavailability.
    package init(_ error: RemoteError) {
        if case .outcomeUnknown = error {
            self.init(.outcomeUnknown, "Whether it was done is not known. Look at how it stands before you repeat it.")
            return
        }
        guard case .problem(let problem) = error, let code = ProblemCode(rawValue: problem.code),
            [
                .refused, .conflict, .versionMismatch, .invalidField, .notFound, .interactionUnknown, .notCaughtUp,
                .outcomeUnknown, .tooManyRequests,
            ].contains(code)
        else {
            self.init(
                .dependencyUnavailable, "Another service that must decide did not answer. Try again shortly.",
                retryAfter: 2)
            return
        }
        self.init(code, problem.detail, reasons: problem.reasons, retryAfter: problem.retryAfter)
    }
}
