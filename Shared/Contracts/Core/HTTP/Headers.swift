/// Names of the headers that are ours, and of the API names that access tokens are for.
package enum ToegangHeader {
    /// Where a write stands in its source's events: `<source>:<partition>:<sequence>`, several separated by commas.
    package static let position = "Toegang-Position"
    /// What a reader must have seen before it answers; the value of an earlier `Toegang-Position`.
    package static let after = "Toegang-After"
    /// The handle of the browser tab that a dossier context is bound to.
    package static let tab = "Toegang-Tab"
}

/// The APIs as audiences of access tokens.
package enum APIAudience: String, Sendable, CaseIterable {
    case authentication
    case profileResolution = "profile-resolution"
    case mandateRegistry = "mandate-registry"
    case organisationRights = "organisation-rights"
}

/// The scopes of access tokens.
package enum Scope {
    package static let profiles = "profiles"
    package static let dossier = "dossier"
    package static let mandates = "mandates"
    package static let organisations = "organisations"

    package static let interactions = "interactions"
    package static let resolvePersons = "persons.resolve"
    package static let readProfiles = "profiles.read"
    package static let dossierContext = "dossier-context"
    package static let introspect = "introspect"

    /// The scopes that are granted for a person who signs in; all others are a client's own.
    package static let ofPersons: Set<String> = [
        "openid", "offline_access", profiles, dossier, mandates, organisations,
    ]
}
