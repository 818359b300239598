import AuthenticationClients
import AuthenticationContracts
import ContractCore
import OrganisationRightsDomain
import Vocabulary

/// Turns national numbers into person ids and tells names, which only authentication-service can.
struct Persons: Sendable {
    let client: AuthenticationClient

    /// The person of a number, and what is known of her name.
    struct Holder: Sendable {
        let person: PersonID
        /// Her last name, or the only name that she has; nothing while nobody has told it.
        let lastName: String?
    }

    /// The person of a number; she gets an id when she never signed in, so that a right can name her.
    ///
    /// The same two questions are asked whether she is known or not.
    func holder(of number: NationalNumber, origin: CallOrigin) async throws(RemoteError) -> Holder {
        guard let holder = try await holders(of: [number], origin: origin)[0] else {
            throw .notUnderstood("a valid number has no person")
        }
        return holder
    }

    /// The persons of at most 100 numbers, in their order; none for a number that authentication-service refuses.
    func holders(of numbers: [NationalNumber], origin: CallOrigin) async throws(RemoteError) -> [Holder?] {
        let persons = try await persons(numbers, origin: origin)
        let names = try await lastNames(of: persons.compactMap(\.self), origin: origin)
        return persons.map { person in person.map { Holder(person: $0, lastName: names[$0]) } }
    }

    /// The last names of at most 100 persons; unlike in a list, names that cannot be asked for are an error.
    func lastNames(of persons: [PersonID], origin: CallOrigin) async throws(RemoteError) -> [PersonID: String] {
        guard !persons.isEmpty else { return [:] }
        let named = try await client.personNames(persons, origin: origin).persons
        return Dictionary(named.map { ($0.personId, $0.lastName) }, uniquingKeysWith: { first, _ in first })
    }

    /// What persons are called, as far as it can be asked for now.
    func names(of persons: [PersonID], origin: CallOrigin) async -> KnownNames {
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
