package import Clients
package import ContractCore
package import OrganisationRightsContracts
package import Vocabulary

/// Calls organisation-rights-service, always with the token of a person.
package struct OrganisationRightsClient: Sendable {
    private let remote: RemoteService

    /// A client of the service at `remote`.
    package init(_ remote: RemoteService) {
        self.remote = remote
    }

    /// A page of the organisations in which the person manages access: the first by name, or those behind `after`.
    package func managedOrganisations(
        after: OrganisationID? = nil, token: String, origin: CallOrigin
    ) async throws(RemoteError) -> ManagedOrganisations {
        let path = "/me/organisations" + (after.map { "?after=\($0)" } ?? "")
        return try await remote.json(.init(path: path, credential: .bearer(token)), origin: origin).value
    }

    /// Whom the person can ask for a right in an organisation in which she has or had one.
    package func managers(
        of organisation: OrganisationID, token: String, origin: CallOrigin
    ) async throws(RemoteError) -> OrganisationManagers {
        try await remote.json(
            .init(path: "/organisations/\(organisation)/access-managers", credential: .bearer(token)), origin: origin
        ).value
    }

    /// A page of the rights in an organisation that the person manages: the newest, or those older than `after`.
    package func rights(
        in organisation: OrganisationID, _ list: RightList, after: RightID? = nil, token: String,
        origin: CallOrigin
    ) async throws(RemoteError) -> OrganisationRights {
        let older = after.map { "&after=\($0)" } ?? ""
        return try await remote.json(
            .init(
                path: "/organisations/\(organisation)/rights?status=\(list.rawValue)\(older)",
                credential: .bearer(token)), origin: origin
        ).value
    }

    /// One right in an organisation that the person manages.
    package func right(
        _ right: RightID, in organisation: OrganisationID, token: String, origin: CallOrigin
    ) async throws(RemoteError) -> OrganisationRights.Right {
        try await remote.json(
            .init(path: "/organisations/\(organisation)/rights/\(right)", credential: .bearer(token)), origin: origin
        ).value
    }

    /// Gives somebody a right; one that waits has no position.
    package func giveRight(
        _ right: GiveRight, in organisation: OrganisationID, token: String, origin: CallOrigin
    ) async throws(RemoteError) -> Written<RightChanged> {
        try await remote.json(
            .init(
                method: .post, path: "/organisations/\(organisation)/rights", credential: .bearer(token),
                body: .json(right), isRead: false), origin: origin)
    }

    /// Takes a right away, or withdraws one that waits.
    package func endRight(
        _ right: RightID, in organisation: OrganisationID, token: String, origin: CallOrigin
    ) async throws(RemoteError) -> Written<RightChanged> {
        try await remote.json(
            .init(
                method: .post, path: "/organisations/\(organisation)/rights/\(right)/end",
                credential: .bearer(token), isRead: false), origin: origin)
    }
}
