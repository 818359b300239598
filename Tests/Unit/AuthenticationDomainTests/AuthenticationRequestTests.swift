import AuthenticationDomain
import Testing
import Vocabulary

@Suite("Authorization requests")
struct AuthenticationRequestTests {
    private static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    private static let client = Client(
        id: "portal", name: "Portal", kind: .portal, redirectURIs: ["https://portal.test/callback"],
        postLogoutRedirectURIs: [], backChannelLogoutURI: nil,
        initiateLoginURI: "https://portal.test/", personScopes: ["openid", "dossier"],
        ownScopes: ["introspect"], audiences: ["urn:toegang:profile-resolution"], defaultAcr: .level350)
    private static let service = Client(
        id: "service", name: "Service", kind: .service, redirectURIs: [], postLogoutRedirectURIs: [],
        backChannelLogoutURI: nil, initiateLoginURI: nil, personScopes: [], ownScopes: ["interactions"],
        audiences: ["authentication"],
        defaultAcr: .level350)

    private static let scopes: Set<String> = ["openid", "dossier", "mandates"]

    private func rule(_ parameters: [(name: String, value: String)]) -> AuthorizationRequestRule {
        AuthorizationRequestRule(parameters: parameters, issuer: "https://issuer.test", knownScopes: Self.scopes)
    }

    private func check(_ changes: [String: String?] = [:]) -> AuthorizationRequestVerdict {
        var values: [String: String?] = [
            "response_type": "code", "client_id": "portal", "redirect_uri": "https://portal.test/callback",
            "scope": "openid dossier", "state": "s", "nonce": "n", "code_challenge": Self.challenge,
            "code_challenge_method": "S256",
        ]
        for (name, value) in changes { values[name] = value }
        let parameters = values.compactMap { name, value in value.map { (name: name, value: $0) } }
        return rule(parameters).check(
            client: { id in [Self.client, Self.service].first { $0.id == id } },
            subjectOfHint: { hint, client in hint == "hint of \(client.id)" ? "jan" : nil })
    }

    private func accepted(_ changes: [String: String?] = [:]) throws -> AuthorizationRequest {
        guard case .accepted(let request) = check(changes) else {
            throw Unexpected(verdict: "\(check(changes))")
        }
        return request
    }

    private func resources(_ named: [String]) -> AuthorizationRequestVerdict {
        let parameters =
            [
                ("response_type", "code"), ("client_id", "portal"), ("redirect_uri", "https://portal.test/callback"),
                ("scope", "openid"), ("state", "s"), ("nonce", "n"), ("code_challenge", Self.challenge),
                ("code_challenge_method", "S256"),
            ] + named.map { ("resource", $0) }
        return rule(parameters.map { (name: $0.0, value: $0.1) }).check(
            client: { _ in Self.client }, subjectOfHint: { _, _ in nil })
    }

    @Test("resource may be repeated, and names the issuer or an API that the client is registered for")
    func resourceIndicators() throws {
        let (known, issuer) = ("urn:toegang:profile-resolution", "https://issuer.test")
        for (named, kept) in [([], []), ([known], [known]), ([known, issuer, known], [known, issuer]), ([""], [])] {
            guard case .accepted(let request) = resources(named) else {
                Issue.record("\(named) was not accepted")
                continue
            }
            #expect(request.resources == kept)
        }
        for named in [["urn:toegang:mandate-registry"], [known, "x"], [known + "#a"], [issuer + "/"]] {
            guard case .redirected(let error, _, _) = resources(named) else {
                Issue.record("\(named) was not refused")
                continue
            }
            #expect(error.code == .invalidTarget)
        }
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

    @Test("levels that nobody knows are left aside, and the client's default stays")
    func unknownLevels() throws {
        #expect(try accepted(["acr_values": "urn:unknown"]).minimumAcr == .level350)
        let mixed = "urn:unknown urn:be:fedict:iam:fas:Level400"
        #expect(try accepted(["acr_values": mixed]).minimumAcr == .level400)
    }

    @Test("scopes that nobody knows are left aside")
    func unknownScopes() throws {
        #expect(try accepted(["scope": "openid profile email dossier"]).scopes == ["openid", "dossier"])
    }

    @Test("state and nonce may be missing, and long ones are kept as they came")
    func opaque() throws {
        let bare = try accepted(["state": nil, "nonce": nil])
        #expect(bare.state == nil && bare.nonce == nil)
        let long = String(repeating: "~", count: AuthorizationRequestRule.maximumOpaqueLength)
        let full = try accepted(["state": long, "nonce": long])
        #expect(full.state == long && full.nonce == long)
    }

    @Test("a state that is too long is told without being given back")
    func tooLongState() {
        let verdict = check(["state": String(repeating: "s", count: 2049)])
        guard case .redirected(let error, _, let state) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(error.code == .invalidRequest && state == nil)
    }

    @Test("an ID token of the client says whom it expects")
    func hint() throws {
        #expect(try accepted(["id_token_hint": "hint of portal"]).expectedSubject == "jan")
        #expect(try accepted().expectedSubject == nil)
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
        let verdict = rule(parameters).check(client: { _ in Self.client }, subjectOfHint: { _, _ in nil })
        #expect(verdict == .shown(.repeatedParameter))
    }

    @Test(
        "every other defect is told to the portal",
        arguments: [
            (["response_type": "token"], .unsupportedResponseType), (["response_type": nil], .invalidRequest),
            (["response_mode": "fragment"], .invalidRequest), (["scope": "dossier"], .invalidScope),
            (["scope": "openid mandates"], .invalidScope), (["scope": "openid \"x"], .invalidScope),
            (["nonce": String(repeating: "n", count: 2049)], .invalidRequest), (["nonce": "é"], .invalidRequest),
            (["id_token_hint": "hint of somebody"], .invalidRequest),
            (["code_challenge": nil], .invalidRequest), (["code_challenge_method": "plain"], .invalidRequest),
            (["code_challenge_method": nil], .invalidRequest), (["code_challenge": "short"], .invalidRequest),
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
