package import AuthenticationClients
package import AuthenticationContracts
package import ContractCore
package import Vocabulary

/// Turns national numbers into the ids of persons; authentication-service alone can do that.
package protocol PersonResolver: Sendable {
    /// The persons of at most 100 numbers, in their order; nil for one that nobody has or that is not accepted.
    func resolve(
        _ nationalNumbers: [String], _ mode: ResolvePersonsRequest.Mode, origin: CallOrigin
    ) async throws(RemoteError) -> [PersonID?]

    /// What persons are called, as far as it can be asked for now.
    func names(of persons: [PersonID], origin: CallOrigin) async -> KnownNames
}

/// Resolves persons at authentication-service.
struct RemotePersons: PersonResolver {
    private let client: AuthenticationClient

    init(_ client: AuthenticationClient) { self.client = client }

    func names(of persons: [PersonID], origin: CallOrigin) async -> KnownNames {
        await client.names(of: persons, origin: origin)
    }

    func resolve(
        _ nationalNumbers: [String], _ mode: ResolvePersonsRequest.Mode, origin: CallOrigin
    ) async throws(RemoteError) -> [PersonID?] {
        guard !nationalNumbers.isEmpty else { return [] }
        let answer = try await client.resolvePersons(
            ResolvePersonsRequest(mode: mode, nationalNumbers: nationalNumbers), origin: origin)
        guard answer.persons.count == nationalNumbers.count else {
            throw RemoteError.notUnderstood("one verdict per number was expected")
        }
        return answer.persons.map(\.personId)
    }
}
