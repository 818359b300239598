package import Clients
package import ContractCore
package import ProfileResolutionContracts
package import Vocabulary

/// Calls profile-resolution-service.
package struct ProfileResolutionClient: Sendable {
    private let remote: RemoteService

    /// A client of the service at `remote`.
    package init(_ remote: RemoteService) {
        self.remote = remote
    }

    /// By what a dossier is opened.
    package enum DossierAccess: Sendable {
        /// The access token of its owner.
        case owner(String)
        /// A dossier context, and the handle of the tab that it is bound to.
        case context(String, tab: String)

        var credential: RemoteService.Credential {
            switch self {
            case .owner(let token), .context(let token, _): .bearer(token)
            }
        }

        var headers: [(String, String)] {
            switch self {
            case .owner: []
            case .context(_, let tab): [(ToegangHeader.tab, tab)]
            }
        }
    }

    /// A page of the profiles of a person, asked for in this service's own name: the first, or what is behind `after`.
    package func profiles(
        of person: PersonID, after: OrganisationID? = nil, origin: CallOrigin
    ) async throws(RemoteError) -> ProfileList {
        try await remote.json(
            .init(
                path: "/persons/\(person)/profiles" + Self.query(after),
                credential: .service(scope: Scope.readProfiles)),
            origin: origin
        ).value
    }

    /// A page of the profiles of the person whose token it is: the first, or what is behind `after`.
    package func myProfiles(
        after: OrganisationID? = nil, token: String, origin: CallOrigin
    ) async throws(RemoteError) -> ProfileList {
        try await remote.json(
            .init(path: "/me/profiles" + Self.query(after), credential: .bearer(token)), origin: origin
        ).value
    }

    private static func query(_ after: OrganisationID?) -> String { after.map { "?after=\($0)" } ?? "" }

    /// The person's own dossier for the profile of her token.
    package func myDossier(token: String, origin: CallOrigin) async throws(RemoteError) -> DossierView {
        try await remote.json(.init(path: "/me/dossier", credential: .bearer(token)), origin: origin).value
    }

    /// A dossier, as its owner or under a mandate.
    package func dossier(
        _ dossier: DossierID, access: DossierAccess, origin: CallOrigin
    ) async throws(RemoteError) -> DossierView {
        try await remote.json(
            .init(path: "/dossiers/\(dossier)", credential: access.credential, headers: access.headers), origin: origin
        ).value
    }

    /// Changes the contact data of a dossier from the version that was looked at.
    package func changeContact(
        of dossier: DossierID, to contact: ContactData, version: Int64, access: DossierAccess, origin: CallOrigin
    ) async throws(RemoteError) -> Written<ContactChanged> {
        try await remote.json(
            .init(
                method: .put, path: "/dossiers/\(dossier)/contact", credential: access.credential,
                body: .json(contact), headers: access.headers + [("if-match", "\"\(version)\"")], isRead: false),
            origin: origin)
    }
}
