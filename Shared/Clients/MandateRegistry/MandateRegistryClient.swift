package import Clients
package import ContractCore
package import MandateRegistryContracts
package import Vocabulary

/// Calls mandate-registry-service.
package struct MandateRegistryClient: Sendable {
    private let remote: RemoteService

    /// A client of the service at `remote`.
    package init(_ remote: RemoteService) {
        self.remote = remote
    }

    /// The grantors for whom the person holds a mandate under the profile of her token.
    package func searchGrantors(
        _ search: GrantorSearch, token: String, origin: CallOrigin
    ) async throws(RemoteError) -> GrantorPage {
        try await remote.json(
            .init(method: .post, path: "/grantors/search", credential: .bearer(token), body: .json(search)),
            origin: origin
        ).value
    }

    /// A page of the mandates that the person gave: the newest, or those older than `after`.
    package func mandatesGiven(
        after: MandateID? = nil, token: String, origin: CallOrigin
    ) async throws(RemoteError) -> GivenMandates {
        let path = "/mandates/given" + (after.map { "?after=\($0)" } ?? "")
        return try await remote.json(.init(path: path, credential: .bearer(token)), origin: origin).value
    }

    /// One mandate that the person gave.
    package func mandateGiven(
        _ mandate: MandateID, token: String, origin: CallOrigin
    ) async throws(RemoteError) -> GivenMandate {
        try await remote.json(
            .init(path: "/mandates/given/\(mandate)", credential: .bearer(token)), origin: origin
        ).value
    }

    /// Stops a mandate as its grantor, or renounces it as its holder.
    package func stop(
        _ mandate: MandateID, token: String, origin: CallOrigin
    ) async throws(RemoteError) -> Written<MandateEnded> {
        try await remote.json(
            .init(method: .post, path: "/mandates/\(mandate)/stop", credential: .bearer(token), isRead: false),
            origin: origin)
    }

    /// Exchanges a person's token for a context of one grantor's dossier, bound to a tab (RFC 8693).
    ///
    /// - Parameters:
    ///   - dossier: The grantor's dossier.
    ///   - subjectToken: The access token of the person who acts.
    ///   - tab: The handle of the browser tab.
    ///   - origin: The request that led to this.
    package func openContext(
        of dossier: DossierID, subjectToken: String, tab: String, origin: CallOrigin
    ) async throws(RemoteError) -> DossierContextToken {
        try await remote.json(
            .init(
                method: .post, path: "/token", credential: .service(scope: Scope.dossierContext),
                body: .form([
                    ("grant_type", DossierContextToken.grantType), ("subject_token", subjectToken),
                    ("subject_token_type", DossierContextToken.accessTokenType),
                    ("audience", DossierContextToken.audience),
                    ("resource", "\(DossierContextToken.resourcePrefix)\(dossier)"),
                ]), headers: [(ToegangHeader.tab, tab)], isRead: false), origin: origin
        ).value
    }

    /// Whether a dossier context holds, and what it stands for (RFC 7662).
    package func introspect(
        _ token: String, origin: CallOrigin
    ) async throws(RemoteError) -> DossierContextIntrospection {
        try await remote.json(
            .init(
                method: .post, path: "/introspect", credential: .service(scope: Scope.introspect),
                body: .form([("token", token)])), origin: origin
        ).value
    }
}
