import Async
import ContractCore
package import Hummingbird

/// Whether a service may decide by what its own database says; nothing may until somebody says so.
///
/// A database that was restored from a backup has what was ended since as if it were in force: see
/// `Shared/Docs/adr/0062-a-service-looks-before-it-decides.md`.
package final class OwnFacts: Sendable {
    private let mayDecide = Guarded(false)

    package init() {}

    /// Says whether anything may be decided from now on.
    package func decide(_ isAllowed: Bool) { mayDecide.withLock { $0 = isAllowed } }

    /// Whether anything may be decided.
    package var isDeciding: Bool { mayDecide.withLock { $0 } }
}

/// Refuses requests with 503 `service.restoring` while the service may not decide by its own database.
///
/// Stands in front of all routes that decide or tell anything by it. What is the same whatever the database says, as the
/// keys of the token issuer, is added before it.
package struct OwnFactsMiddleware: RouterMiddleware {
    private let facts: OwnFacts

    /// A middleware for the routes added after it.
    package init(_ facts: OwnFacts) { self.facts = facts }

    package func handle(
        _ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard facts.isDeciding else { throw Problem.restoring }
        return try await next(request, context)
    }
}

extension Problem {
    /// 503: what the service knows may be out of date, and is being looked at or corrected.
    package static let restoring = Problem(
        .restoring, "What this service knows is being checked or restored. Nothing was changed. Try again in a moment.",
        retryAfter: 2)
}
