import AuthenticationClients
import AuthenticationContracts
import ContractCore
import Vocabulary

/// Turns national numbers into person ids, which only authentication-service can.
struct Persons: Sendable {
    let client: AuthenticationClient

    /// The person of a number; she gets an id when she never signed in, so that a right can name her.
    func person(_ number: NationalNumber, origin: CallOrigin) async throws(RemoteError) -> PersonID {
        guard let person = try await persons([number], origin: origin)[0] else {
            throw .notUnderstood("a valid number has no person")
        }
        return person
    }

    /// What persons are called; somebody whose name is not known, or cannot be asked for now, is missing.
    func names(of persons: [PersonID], origin: CallOrigin) async -> [PersonID: String] {
        await client.names(of: persons, origin: origin)
    }

    /// The persons of at most 100 numbers, in their order; none for a number that authentication-service refuses.
    func persons(_ numbers: [NationalNumber], origin: CallOrigin) async throws(RemoteError) -> [PersonID?] {
        guard !numbers.isEmpty else { return [] }
        let request = ResolvePersonsRequest(mode: .getOrCreate, nationalNumbers: numbers.map(\.digits))
        let verdicts = try await client.resolvePersons(request, origin: origin).persons
        guard verdicts.count == numbers.count else {
            throw .notUnderstood("\(numbers.count) numbers got \(verdicts.count) verdicts")
        }
        return verdicts.map(\.personId)
    }
}
