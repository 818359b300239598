/// Our APIs, as the audiences of access tokens.
package enum APIAudience: String, Sendable, CaseIterable {
    case authentication
    case profileResolution = "profile-resolution"
    case mandateRegistry = "mandate-registry"
    case organisationRights = "organisation-rights"
}

/// The URIs by which access tokens and the parameter `resource` (RFC 8707) name the APIs.
///
/// All services of an installation have the same ones.
package struct AudienceURIs: Sendable {
    private let uris: [APIAudience: String]

    /// `urn:toegang:<name of the API>` for each.
    package static let standard = AudienceURIs()

    private init() {
        uris = Dictionary(uniqueKeysWithValues: APIAudience.allCases.map { ($0, "urn:toegang:\($0.rawValue)") })
    }

    /// The standard URIs with some replaced; nil when two APIs would have the same one.
    package init?(replacing some: [APIAudience: String]) {
        uris = Self.standard.uris.merging(some) { _, new in new }
        guard Set(uris.values).count == uris.count else { return nil }
    }

    /// The URI of an API.
    package subscript(_ api: APIAudience) -> String { uris[api] ?? "urn:toegang:\(api.rawValue)" }

    /// The API that a URI names, compared character by character.
    package func api(_ uri: String) -> APIAudience? { uris.first { $0.value == uri }?.key }
}

/// The scopes of access tokens.
///
/// Each belongs to one audience, and a token carries those of its own audience alone. The scopes of the issuer itself
/// are `openid` (for userinfo) and `offline_access`.
///
/// | scope | audience | whose | allows |
/// | --- | --- | --- | --- |
/// | `openid` | the issuer | a person's | userinfo; every sign-in asks for it |
/// | `offline_access` | the issuer | a person's | a refresh token |
/// | `profiles` | profile-resolution | a person's | the profiles that she may take |
/// | `dossier` | profile-resolution | a person's | her own dossier, or that of her organisation |
/// | `mandates` | mandate-registry | a person's | grantors, the mandates she gave, dossier contexts |
/// | `organisations` | organisation-rights | a person's | the rights in organisations that she manages |
/// | `dossier-context` | mandate-registry | a client's | exchanging a person's token for a dossier context |
/// | `introspect` | mandate-registry | a client's | asking whether a dossier context holds |
/// | `profiles.read` | profile-resolution | a client's | the profiles of any person |
/// | `interactions` | authentication | a client's | redeeming a sign-in's errand and putting the choice |
/// | `persons.resolve` | authentication | a client's | person ids by national number |
/// | `persons.names` | authentication | a client's | what persons are called |
package enum Scope {
    package static let openID = "openid"
    package static let offlineAccess = "offline_access"

    package static let profiles = "profiles"
    package static let dossier = "dossier"
    package static let mandates = "mandates"
    package static let organisations = "organisations"

    package static let interactions = "interactions"
    package static let resolvePersons = "persons.resolve"
    package static let personNames = "persons.names"
    package static let readProfiles = "profiles.read"
    package static let dossierContext = "dossier-context"
    package static let introspect = "introspect"

    /// The scopes of the issuer itself.
    package static let ofIssuer: Set<String> = [openID, offlineAccess]

    /// The API that each scope opens; the issuer's own scopes open none.
    package static let audiences: [String: APIAudience] = [
        profiles: .profileResolution, dossier: .profileResolution, readProfiles: .profileResolution,
        mandates: .mandateRegistry, dossierContext: .mandateRegistry, introspect: .mandateRegistry,
        organisations: .organisationRights,
        interactions: .authentication, resolvePersons: .authentication,
        personNames: .authentication,
    ]

    /// The scopes that open an API.
    package static func of(_ api: APIAudience) -> Set<String> {
        Set(audiences.filter { $0.value == api }.keys)
    }

    /// The scopes that a client has in its own name.
    package static let ofClients: Set<String> = Set(audiences.keys).subtracting(ofPersons)

    /// The scopes that are granted for a person who signs in; all others are a client's own.
    package static let ofPersons: Set<String> = ofIssuer.union([profiles, dossier, mandates, organisations])
}
