package import ContractCore
package import Hummingbird

/// Lets a reader wait for what a writer answered it: `Toegang-After` names positions that must have been taken in.
///
/// It waits at most two seconds, holds no database connection meanwhile, and answers 503 with `Retry-After` rather
/// than something stale; a source that this service does not follow is answered with 400.
package struct ConsistencyMiddleware: RouterMiddleware {
    private let gate: any PositionGate
    private let deadline: Duration

    /// A middleware for the routes added after it.
    package init(_ gate: any PositionGate, deadline: Duration = .seconds(2)) {
        self.gate = gate
        self.deadline = deadline
    }

    package func handle(
        _ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard let header = request.headers[.toegangAfter] else { return try await next(request, context) }
        guard header.utf8.count <= 2048, let positions = Positions(header: header) else {
            throw Problem(
                .malformedRequest, "Toegang-After must hold positions such as \"mandate-registry:7:42\".")
        }
        do {
            try await gate.wait(for: positions, until: .now + deadline)
        } catch {
            throw Problem(error)
        }
        return try await next(request, context)
    }
}
