package import AuditTrail
package import AuthenticationContracts
import EventOutbox
import Postgres
import Vocabulary

/// Turns national numbers into person ids: one verdict for each, in their order.
package struct ResolvePersons: Sendable {
    let database: Database
    let acts: Acts
    let hashes: KeyedHashes
    let persons: PersonStore

    /// - Parameters:
    ///   - request: at most ``ResolvePersonsRequest/limit`` numbers.
    ///   - client: who asks.
    package func callAsFunction(
        _ request: ResolvePersonsRequest, client: String, act: ProgramAct
    ) async throws -> ResolvePersonsResponse {
        let now = act.time
        let today = acts.civil.day(at: now)
        let numbers = request.nationalNumbers.map { text in try? NationalNumber(text, today: today) }
        let valid = numbers.compactMap { $0 }
        let entry = act.record(.resolvePersons, actor: nil, client: client)
        let found: [NationalNumber: PersonID]
        if request.mode == .lookUp {
            found = try await database.transaction { session in
                let found = try persons.find(valid, in: session)
                try Audit.record(entry, in: session)
                return found
            }
        } else {
            found = try await database.transaction { session in
                let found = try persons.findOrCreate(
                    valid, at: now, newID: hashes.person(of:), in: session)
                try Audit.record(entry, in: session)
                return found
            }
        }
        return ResolvePersonsResponse(
            persons: numbers.map { number in
                guard let number else { return .init(personId: nil, problem: "invalid") }
                guard let person = found[number] else { return .init(personId: nil, problem: "unknown") }
                return .init(personId: person, problem: nil)
            })
    }
}
