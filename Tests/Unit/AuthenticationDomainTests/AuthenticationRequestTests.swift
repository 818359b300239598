import AuthenticationDomain
import Testing
import Vocabulary

@Suite("Authorization requests")
struct AuthenticationRequestTests {
    private static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    private static let client = Client(
        id: "portal", name: "Portal", kind: .portal, redirectURIs: ["https://portal.test/callback"],
        postLogoutRedirectURIs: [], backChannelLogoutURI: nil, personScopes: ["openid", "dossier"],
        ownScopes: ["introspect"], audiences: ["profile-resolution"], defaultAcr: .level350)
    private static let service = Client(
        id: "service", name: "Service", kind: .service, redirectURIs: [], postLogoutRedirectURIs: [],
        backChannelLogoutURI: nil, personScopes: [], ownScopes: ["interactions"], audiences: ["authentication"],
        defaultAcr: .level350)

    private func check(_ changes: [String: String?] = [:]) -> AuthorizationRequestVerdict {
        var values: [String: String?] = [
            "response_type": "code", "client_id": "portal", "redirect_uri": "https://portal.test/callback",
            "scope": "openid dossier", "state": "s", "nonce": "n", "code_challenge": Self.challenge,
            "code_challenge_method": "S256",
        ]
        for (name, value) in changes { values[name] = value }
        let parameters = values.compactMap { name, value in value.map { (name: name, value: $0) } }
        return AuthorizationRequestRule(parameters: parameters).check { id in
            [Self.client, Self.service].first { $0.id == id }
        }
    }

    private func accepted(_ changes: [String: String?] = [:]) throws -> AuthorizationRequest {
        guard case .accepted(let request) = check(changes) else {
            throw Unexpected(verdict: "\(check(changes))")
        }
        return request
    }

    private struct Unexpected: Error {
        let verdict: String
    }

    @Test("a complete request is accepted, at level 350 unless it names another")
    func complete() throws {
        let request = try accepted()
        #expect(request.scopes == ["openid", "dossier"])
        #expect(request.minimumAcr == .level350)
        #expect(request.prompt == .automatic)
    }

    @Test("of several levels the lowest is the minimum")
    func lowestLevel() throws {
        let values = "urn:be:fedict:iam:fas:Level500 urn:be:fedict:iam:fas:Level400"
        #expect(try accepted(["acr_values": values]).minimumAcr == .level400)
    }

    @Test("prompt, max_age and ui_locales are read")
    func options() throws {
        let request = try accepted(["prompt": "login", "max_age": "60", "ui_locales": "fr-BE nl"])
        #expect(request.prompt == .login)
        #expect(request.maximumAge == 60)
        #expect(request.language == .fr)
    }

    @Test(
        "what cannot be told to the portal is shown",
        arguments: [
            (["client_id": "nobody"], AuthorizationPageProblem.unknownClient),
            (["client_id": nil], .unknownClient), (["client_id": "service"], .unknownClient),
            (["redirect_uri": "https://portal.test/callback/"], .unknownRedirectURI),
            (["redirect_uri": "https://portal.test/callback?x=1"], .unknownRedirectURI),
            (["redirect_uri": nil], .unknownRedirectURI),
        ] as [([String: String?], AuthorizationPageProblem)])
    func shown(changes: [String: String?], problem: AuthorizationPageProblem) {
        #expect(check(changes) == .shown(problem))
    }

    @Test("a parameter that comes twice is shown as such")
    func repeated() {
        let parameters = [(name: "client_id", value: "portal"), (name: "client_id", value: "portal")]
        let verdict = AuthorizationRequestRule(parameters: parameters).check { _ in Self.client }
        #expect(verdict == .shown(.repeatedParameter))
    }

    @Test(
        "every other defect is told to the portal",
        arguments: [
            (["response_type": "token"], .unsupportedResponseType), (["response_type": nil], .unsupportedResponseType),
            (["response_mode": "fragment"], .invalidRequest), (["scope": "dossier"], .invalidScope),
            (["scope": "openid introspect"], .invalidScope), (["scope": "openid \"x"], .invalidScope),
            (["state": nil], .invalidRequest), (["nonce": nil], .invalidRequest),
            (["nonce": String(repeating: "n", count: 513)], .invalidRequest),
            (["code_challenge": nil], .invalidRequest), (["code_challenge_method": "plain"], .invalidRequest),
            (["code_challenge_method": nil], .invalidRequest), (["code_challenge": "short"], .invalidRequest),
            (["acr_values": "urn:unknown"], .unmetAuthenticationRequirements),
            (["prompt": "none login"], .invalidRequest), (["prompt": "dance"], .invalidRequest),
            (["max_age": "-1"], .invalidRequest), (["request": "x"], .requestNotSupported),
            (["request_uri": "x"], .requestURINotSupported),
        ] as [([String: String?], OAuthError.Code)])
    func redirected(changes: [String: String?], code: OAuthError.Code) {
        guard case .redirected(let error, let uri, let state) = check(changes) else {
            Issue.record("\(check(changes))")
            return
        }
        #expect(error.code == code)
        #expect(uri == "https://portal.test/callback")
        let sent: String? = if let change = changes["state"] { change } else { "s" }
        #expect(state == sent)
    }

    @Test("challenges and verifiers have the grammar of RFC 7636")
    func proofKeys() {
        #expect(ProofKeyRule.isChallenge(Self.challenge))
        #expect(!ProofKeyRule.isChallenge(Self.challenge + "A"))
        #expect(!ProofKeyRule.isChallenge(String(Self.challenge.dropLast()) + "="))
        #expect(ProofKeyRule.isVerifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"))
        #expect(ProofKeyRule.isVerifier(String(repeating: "~", count: 128)))
        #expect(!ProofKeyRule.isVerifier(String(repeating: "a", count: 42)))
        #expect(!ProofKeyRule.isVerifier(String(repeating: "a", count: 129)))
        #expect(!ProofKeyRule.isVerifier(String(repeating: "a", count: 43) + "+"))
    }
}
