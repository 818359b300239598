import ContractCore

/// Who may call an operation.
enum Access: Equatable {
    /// Anybody: health, keys, documents, pages that a browser opens before anybody is known.
    case open
    /// A browser with a cookie that the service set: without it the answer is a page that explains or a redirect.
    case browser
    /// A client that authenticates itself in the body (`private_key_jwt`).
    case client
    /// A service token with a scope.
    case service(String)
    /// A person token with a scope; none is needed for `/userinfo` but `openid`.
    case person(String)
    /// A person token with a scope, or an opaque dossier context with its tab.
    case dossier(String)
}

/// The authorisation of the whole suite on one page.
///
/// An operation that is not here fails the tests: decide who may call it, write it down here and in the OpenAPI
/// document, and add `BearerAuthentication` and `requirePerson` or `requireService` to its route.
enum AuthorisationTable {
    static let operational: [String: Access] = ["GET /openapi.yaml": .open]

    static func operations(of service: SuiteService) -> [String: Access] {
        own(service).merging(operational) { own, _ in own }
    }

    private static func own(_ service: SuiteService) -> [String: Access] {
        switch service {
        case .authentication:
            [
                "GET /.well-known/openid-configuration": .open, "GET /jwks": .open,
                "GET /.well-known/oauth-authorization-server": .open,
                "GET /authorize": .browser, "POST /authorize": .browser, "GET /authorize/resume": .browser,
                "GET /sign-in": .browser, "POST /sign-in": .browser,
                "GET /sign-in/app-code": .browser, "POST /sign-in/app-code": .browser,
                "GET /sign-in/cancel": .browser,
                "GET /end-session": .browser, "POST /end-session": .browser,
                "POST /token": .client, "POST /introspect": .client, "POST /revoke": .client,
                "GET /userinfo": .person("openid"), "POST /userinfo": .person("openid"),
                "POST /interactions/{id}/redeem": .service(Scope.interactions),
                "PUT /interactions/{id}/choice": .service(Scope.interactions),
                "POST /persons/resolve": .service(Scope.resolvePersons),
                "POST /persons/names": .service(Scope.personNames),
            ]
        case .profileResolution:
            [
                "GET /choose-profile": .browser, "POST /choose-profile": .browser,
                "GET /persons/{personId}/profiles": .service(Scope.readProfiles),
                "GET /me/profiles": .person(Scope.profiles), "GET /me/dossier": .person(Scope.dossier),
                "GET /dossiers/{dossierId}": .dossier(Scope.dossier),
                "PUT /dossiers/{dossierId}/contact": .dossier(Scope.dossier),
            ]
        case .mandateRegistry:
            [
                "POST /grantors/search": .person(Scope.mandates), "GET /mandates/given": .person(Scope.mandates),
                "GET /mandates/given/{mandateId}": .person(Scope.mandates),
                "POST /mandates/{mandateId}/stop": .person(Scope.mandates),
                "POST /token": .service(Scope.dossierContext), "POST /introspect": .service(Scope.introspect),
            ]
        case .organisationRights:
            [
                "GET /me/organisations": .person(Scope.organisations),
                "GET /organisations/{organisationId}/access-managers": .person(Scope.organisations),
                "GET /organisations/{organisationId}/rights": .person(Scope.organisations),
                "GET /organisations/{organisationId}/rights/{rightId}": .person(Scope.organisations),
                "POST /organisations/{organisationId}/rights": .person(Scope.organisations),
                "POST /organisations/{organisationId}/rights/{rightId}/end": .person(Scope.organisations),
            ]
        case .portal: [:]
        }
    }

    /// The pages of the portal that are shown to a browser without a session; every other one asks to sign in.
    ///
    /// This list may only become shorter.
    static let openPages: Set<String> = [
        "GET /", "GET /sign-in", "GET /sign-in/callback", "GET /signed-out", "POST /back-channel-logout",
    ]

    /// Operations that anybody may call.
    ///
    /// This list may only become shorter.
    static let openOperations: Set<String> = [
        "authentication GET /.well-known/openid-configuration", "authentication GET /jwks",
        "authentication GET /.well-known/oauth-authorization-server",
    ]
}
