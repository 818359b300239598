package import AuditTrail
package import AuthenticationContracts
import Postgres
import Vocabulary

/// Tells services what persons are called, for whoever has to decide about them.
package struct NamePersons: Sendable {
    let database: Database
    private let names = PersonNameStore()

    /// - Parameters:
    ///   - request: at most ``PersonNamesRequest/limit`` persons.
    ///   - client: who asks.
    package func callAsFunction(
        _ request: PersonNamesRequest, client: String, act: ProgramAct
    ) async throws -> PersonNamesResponse {
        let entry = act.record(.namePersons, actor: nil, client: client)
        let found = try await database.transaction { session in
            let found = try names.told(request.personIds, in: session)
            try Audit.record(entry, in: session)
            return found
        }
        return PersonNamesResponse(
            persons: found.map { name in
                .init(personId: name.person, firstName: name.firstName, lastName: name.lastName)
            })
    }
}
