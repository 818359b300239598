import AuthenticationDomain
import ContractCore

/// What one access token is for: one audience, and of what was granted the scopes that this audience has.
struct TokenTarget: Sendable {
    /// The URI of an API, or the issuer.
    let audience: String
    let scopes: [String]
}

/// Finds what an access token is for.
struct TokenTargets: Sendable {
    let issuer: String
    /// The URIs by which tokens name the APIs.
    let audiences: AudienceURIs

    /// The target of a person's access token.
    ///
    /// - Parameters:
    ///   - resource: the audience as the client asks for it; `nil` means the one that it named at `/authorize`, and
    ///     the issuer when it named none or several there.
    ///   - resources: the audiences named at `/authorize`.
    ///   - scopes: what was granted there, or what the client now asks for of it.
    /// - Throws: `invalid_target` for an audience that was not granted, `invalid_scope` when nothing of the audience
    ///   was: such a token would open nothing.
    func target(
        _ resource: String?, granted resources: [String], scopes: [String]
    ) throws(OAuthError) -> TokenTarget {
        let audience = resource ?? (resources.count == 1 ? resources[0] : issuer)
        guard audience == issuer || resources.contains(audience) else {
            throw OAuthError(.invalidTarget, "resource names an audience that was not asked for at /authorize")
        }
        let cut = scopes.filter(self.scopes(of: audience).contains)
        guard !cut.isEmpty else { throw OAuthError(.invalidScope, "no scope of this audience was granted") }
        return TokenTarget(audience: audience, scopes: cut)
    }

    /// The target of a client's own access token.
    ///
    /// - Parameter scopes: what the client asks for; `nil` for all that it has at the audience.
    /// - Throws: `invalid_target` without a `resource` that the client is registered for, `invalid_scope` for a scope
    ///   that is not one of the audience or not the client's.
    func target(_ resource: String?, of client: Client, scopes: [String]?) throws(OAuthError) -> TokenTarget {
        guard let resource, client.audiences.contains(resource) else {
            throw OAuthError(.invalidTarget, "resource must name an API that the client is registered for")
        }
        let available = client.ownScopes.intersection(self.scopes(of: resource))
        let granted = scopes ?? available.sorted()
        guard available.isSuperset(of: granted), !granted.isEmpty else {
            throw OAuthError(.invalidScope, "the client is not registered for one of the scopes at this API")
        }
        return TokenTarget(audience: resource, scopes: granted)
    }

    private func scopes(of audience: String) -> Set<String> {
        audience == issuer ? Scope.ofIssuer : audiences.api(audience).map(Scope.of) ?? []
    }
}
