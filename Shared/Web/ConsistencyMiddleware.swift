package import ContractCore
package import Hummingbird
import Synchronization
package import Vocabulary

/// Lets a reader wait for what a writer answered it: `Toegang-After` names positions that must have been taken in.
///
/// It waits at most two seconds, holds no database connection meanwhile, and answers 503 with `Retry-After` rather
/// than something stale; a source that this service does not follow is answered with 400. It stands behind
/// authentication, and one caller has a share of the gate's places, so that nobody can take them all.
package struct ConsistencyMiddleware: RouterMiddleware {
    private let gate: any PositionGate
    private let deadline: Duration
    private let waiting: WaitingCallers

    /// A middleware for the routes added after it, which `BearerAuthentication` guards.
    ///
    /// - Parameter share: how many requests of one person may wait at a time; a service, which asks for many persons,
    ///   has eight such shares.
    package init(_ gate: any PositionGate, deadline: Duration = .seconds(2), share: Int = 16) {
        self.gate = gate
        self.deadline = deadline
        waiting = WaitingCallers(share: share)
    }

    package func handle(
        _ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        switch context.caller {
        case .person(let person)?: try await wait(request, by: person.personID)
        case .service(let service)?: try await wait(request, by: service.clientID, shares: 8)
        case nil: if request.headers[.toegangAfter] != nil { throw Problem.tokenMissing }
        }
        return try await next(request, context)
    }

    /// Waits for what a person's request refers to, if it does.
    ///
    /// - Throws: a `Problem`.
    package func wait(_ request: Request, by person: PersonID) async throws(Problem) {
        try await wait(request, by: person.description, shares: 1)
    }

    private func wait(_ request: Request, by caller: String, shares: Int) async throws(Problem) {
        guard let header = request.headers[.toegangAfter] else { return }
        guard header.utf8.count <= 2048, let positions = Positions(header: header) else {
            throw Problem(
                .malformedRequest, "Toegang-After must hold positions such as \"mandate-registry:7:42\".")
        }
        guard waiting.enter(caller, shares: shares) else {
            throw Problem(.notCaughtUp, "Too many of your requests wait already. Try again shortly.", retryAfter: 1)
        }
        defer { waiting.leave(caller) }
        do {
            try await gate.wait(for: positions, until: .now + deadline)
        } catch {
            throw Problem(error)
        }
    }
}

/// How many requests of each caller wait.
private final class WaitingCallers: Sendable {
    private let share: Int
    private let counts = Mutex<[String: Int]>([:])

    init(share: Int) { self.share = share }

    func enter(_ caller: String, shares: Int) -> Bool {
        counts.withLock { counts in
            guard counts[caller, default: 0] < share * shares else { return false }
            counts[caller, default: 0] += 1
            return true
        }
    }

    func leave(_ caller: String) {
        counts.withLock { counts in
            let left = (counts[caller] ?? 1) - 1
            counts[caller] = left > 0 ? left : nil
        }
    }
}
