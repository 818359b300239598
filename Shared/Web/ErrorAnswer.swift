package import ContractCore
import Hummingbird
import Logging
package import Vocabulary

/// What a caller is told about an error: what she can act on, and nothing of our insides.
package enum ErrorAnswer {
    static func response(to error: any Error, context: AppContext) throws -> Response {
        try problem(for: error, context: context).response(instance: context.requestID)
    }

    /// The problem that an error is answered with; what is unexpected is logged here, once.
    package static func problem(for error: any Error, context: AppContext) -> Problem {
        switch error {
        case let problem as Problem:
            if problem.status.code >= 500 {
                context.logger.warning("Answered with a problem", metadata: ["problem": "\(problem)"])
            }
            return problem
        case let refusal as Refusal: return Problem(refusal)
        case let error as RemoteError: return Problem(error)
        case let error as GateError: return Problem(error)
        case let error as any StoreError:
            guard let trouble = error.trouble else { return unexpected(error, context) }
            context.logger.warning("The database did not do it", metadata: ["error": "\(error)"])
            return Problem(trouble)
        case let error as any HTTPResponseError: return problem(for: error)
        // A change may have been cut off behind its commit.
        case is CancellationError: return Problem(context.onlyReads ? StoreTrouble.cancelled : .outcomeUnknown)
        default: return unexpected(error, context)
        }
    }

    private static func unexpected(_ error: any Error, _ context: AppContext) -> Problem {
        context.logger.error("Unexpected error", metadata: ["error": "\(String(reflecting: error))"])
        return Problem(.internalError, "Something went wrong on our side. Mention the request id when you report it.")
    }

    private static func problem(for error: any HTTPResponseError) -> Problem {
        switch error.status.code {
        case 404: Problem(.notFound)
        case 405: Problem(.methodNotAllowed)
        case 413: Problem(.bodyTooLarge)
        case 415: Problem(.unsupportedMediaType)
        case 400..<500: Problem(.malformedRequest)
        case 503: Problem(.unavailable, retryAfter: 2)
        default: Problem(.internalError)
        }
    }
}

extension Problem {
    static let notKnown = "Whether it was done is not known. Look at how it stands before you repeat it."

    /// What the database did not do, without fault of the caller.
    package init(_ trouble: StoreTrouble) {
        switch trouble {
        case .outcomeUnknown: self.init(.outcomeUnknown, Self.notKnown)
        case .cancelled: self.init(.unavailable, "The request was cut off. Nothing was changed.", retryAfter: 2)
        case .unavailable:
            self.init(.unavailable, "The service cannot reach its data right now. Nothing was changed.", retryAfter: 2)
        case .tookTooLong:
            self.init(.unavailable, "It took too long and was stopped. Nothing was changed.", retryAfter: 5)
        case .contended:
            self.init(
                .unavailable, "Others are changing the same at this moment. Nothing was changed.", retryAfter: 1)
        }
    }

    /// Why a projection could not be waited for.
    package init(_ error: GateError) {
        switch error {
        case .unknownSource:
            self.init(.unknownPosition, "This service does not follow a source that Toegang-After names.")
        default:
            self.init(.notCaughtUp, "What you refer to has not arrived here yet. Try again shortly.", retryAfter: 1)
        }
    }
}
