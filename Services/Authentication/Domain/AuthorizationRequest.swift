package import Vocabulary

/// What a portal asks when it sends a browser to sign in, after every rule was checked.
package struct AuthorizationRequest: Hashable, Sendable {
    /// What the portal wants to happen without or with the person.
    package enum Prompt: String, Sendable {
        /// Sign in only when there is no session that suffices.
        case automatic
        /// Show nothing: answer from the session or fail.
        case none
        /// Sign in again, whatever session there is.
        case login
    }

    package let clientID: String
    package let redirectURI: String
    package let scopes: [String]
    /// The audiences that the portal will ask access tokens for (RFC 8707), each once; none leaves the issuer.
    package let resources: [String]
    /// Given back with every answer, as it came.
    package let state: String?
    /// Goes into the ID token, as it came.
    package let nonce: String?
    /// S256 of the code verifier, base64url, 43 characters.
    package let codeChallenge: String
    /// The lowest level that will do.
    package let minimumAcr: Acr
    package let prompt: Prompt
    /// How old, in seconds, the sign-in may be; `nil` when any age will do.
    package let maximumAge: Int64?
    /// The language that the portal shows; `nil` leaves it to the browser.
    package let language: Language?
    /// The person whom the portal expects, by the subject that it knows her by; `nil` when anybody will do.
    package let expectedSubject: String?

    package init(
        clientID: String, redirectURI: String, scopes: [String], resources: [String] = [], state: String?,
        nonce: String?, codeChallenge: String, minimumAcr: Acr, prompt: Prompt, maximumAge: Int64?,
        language: Language?, expectedSubject: String?
    ) {
        self.clientID = clientID
        self.redirectURI = redirectURI
        self.scopes = scopes
        self.resources = resources
        self.state = state
        self.nonce = nonce
        self.codeChallenge = codeChallenge
        self.minimumAcr = minimumAcr
        self.prompt = prompt
        self.maximumAge = maximumAge
        self.language = language
        self.expectedSubject = expectedSubject
    }
}

extension AuthorizationRequest {
    /// The origin of the redirect address, as browsers compare it: a page whose form ends there has to name it.
    package var redirectOrigin: String { origin(of: redirectURI) ?? redirectURI }
}

/// Scheme, host and port of a web address; `nil` when it has no scheme or host.
package func origin(of address: String) -> String? {
    guard let scheme = address.firstRange(of: "://"), scheme.lowerBound > address.startIndex else { return nil }
    let host = address[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    return host.isEmpty ? nil : String(address[..<scheme.upperBound]) + host
}

/// What to do with the parameters of an authorization request.
package enum AuthorizationRequestVerdict: Hashable, Sendable {
    case accepted(AuthorizationRequest)
    /// The portal learns of the error by a redirect, for it is known who it is and where it listens.
    case redirected(OAuthError, redirectURI: String, state: String?)
    /// Nobody can be trusted with a redirect: a page explains what is wrong.
    case shown(AuthorizationPageProblem)
}

/// Why an authorization request ends on a page instead of at the portal.
package enum AuthorizationPageProblem: String, Hashable, Sendable {
    case unknownClient = "unknown-client"
    case unknownRedirectURI = "unknown-redirect-uri"
    case repeatedParameter = "repeated-parameter"
}

/// The rules of an authorization request: RFC 6749 section 4.1.1, RFC 7636, OpenID Connect Core section 3.1.2.
package struct AuthorizationRequestRule {
    private let values: [String: String]
    private let resources: [String]
    private let repeated: Bool
    private let issuer: String
    private let knownScopes: Set<String>

    /// The longest `state` or `nonce`, in bytes: with both that long, in any encoding, the request and its answer are
    /// still addresses that servers take.
    package static let maximumOpaqueLength = 2048

    /// The most audiences that one request may name.
    package static let maximumResources = 10

    /// - Parameters:
    ///   - parameters: names and values as they came, decoded; `resource` alone may come more than once.
    ///   - issuer: this provider, whose audience every client may have.
    ///   - knownScopes: the scopes of persons that there are; others are not understood and left aside.
    package init(parameters: [(name: String, value: String)], issuer: String, knownScopes: Set<String>) {
        self.issuer = issuer
        self.knownScopes = knownScopes
        // An empty value counts as absent (RFC 6749 section 3.1).
        let present = parameters.filter { !$0.value.isEmpty && $0.name != "resource" }
        resources = parameters.filter { !$0.value.isEmpty && $0.name == "resource" }.map(\.value)
        values = Dictionary(present.map { ($0.name, $0.value) }) { first, _ in first }
        repeated = values.count != present.count
    }

    /// Checks the parameters, first those that decide whom an error may be told.
    ///
    /// - Parameters:
    ///   - find: the client with an id.
    ///   - subject: whom an ID token is about, when this provider gave it to that client, whatever its age.
    package func check(
        client find: (String) -> Client?, subjectOfHint subject: (String, Client) -> String?
    ) -> AuthorizationRequestVerdict {
        if repeated { return .shown(.repeatedParameter) }
        guard let client = values["client_id"].flatMap(find), client.kind == .portal else {
            return .shown(.unknownClient)
        }
        guard let redirectURI = values["redirect_uri"], client.redirectURIs.contains(redirectURI) else {
            return .shown(.unknownRedirectURI)
        }
        do {
            return .accepted(try request(of: client, redirectURI: redirectURI, subject))
        } catch {
            let state = values["state"].flatMap { AuthorizationRequestRule.opaque($0) }
            return .redirected(error, redirectURI: redirectURI, state: state)
        }
    }

    private func request(
        of client: Client, redirectURI: String, _ subject: (String, Client) -> String?
    ) throws(OAuthError) -> AuthorizationRequest {
        if values["request"] != nil { throw OAuthError(.requestNotSupported, "request objects are not supported") }
        if values["request_uri"] != nil { throw OAuthError(.requestURINotSupported, "request_uri is not supported") }
        guard let responseType = values["response_type"] else {
            throw OAuthError(.invalidRequest, "response_type is required")
        }
        guard responseType == "code" else {
            throw OAuthError(.unsupportedResponseType, "response_type must be code")
        }
        guard ["query", nil].contains(values["response_mode"]) else {
            throw OAuthError(.invalidRequest, "response_mode must be query")
        }
        return AuthorizationRequest(
            clientID: client.id, redirectURI: redirectURI, scopes: try scopes(of: client),
            resources: try resources(of: client),
            state: try opaque("state"), nonce: try opaque("nonce"), codeChallenge: try codeChallenge(),
            minimumAcr: try minimumAcr(of: client), prompt: try prompt(), maximumAge: try maximumAge(),
            language: language(), expectedSubject: try expectedSubject(of: client, subject))
    }

    private func scopes(of client: Client) throws(OAuthError) -> [String] {
        guard let scopes = ScopeRule.parse(values["scope"] ?? ""), scopes.contains("openid") else {
            throw OAuthError(.invalidScope, "scope must be well formed and contain openid")
        }
        let understood = scopes.filter(knownScopes.contains)
        guard client.personScopes.isSuperset(of: understood) else {
            throw OAuthError(.invalidScope, "the client is not registered for one of the scopes")
        }
        return understood
    }

    private func resources(of client: Client) throws(OAuthError) -> [String] {
        var seen: Set<String> = []
        let named = resources.filter { seen.insert($0).inserted }
        guard named.count <= Self.maximumResources, named.allSatisfy({ $0 == issuer || client.audiences.contains($0) })
        else { throw OAuthError(.invalidTarget, "the client is not registered for one of the resources") }
        return named
    }

    private func opaque(_ name: String) throws(OAuthError) -> String? {
        guard let value = values[name] else { return nil }
        guard let value = Self.opaque(value) else {
            throw OAuthError(
                .invalidRequest, "\(name) must have at most \(Self.maximumOpaqueLength) printable ASCII characters")
        }
        return value
    }

    private func expectedSubject(
        of client: Client, _ subject: (String, Client) -> String?
    ) throws(OAuthError) -> String? {
        guard let hint = values["id_token_hint"] else { return nil }
        guard let subject = subject(hint, client) else {
            throw OAuthError(.invalidRequest, "id_token_hint is no ID token that this provider gave to the client")
        }
        return subject
    }

    private static func opaque(_ text: String) -> String? {
        guard (1...maximumOpaqueLength).contains(text.utf8.count) else { return nil }
        return text.utf8.allSatisfy { (0x20...0x7e).contains($0) } ? text : nil
    }

    private func codeChallenge() throws(OAuthError) -> String {
        guard values["code_challenge_method"] == "S256" else {
            throw OAuthError(.invalidRequest, "code_challenge_method must be S256")
        }
        guard let challenge = values["code_challenge"], ProofKeyRule.isChallenge(challenge) else {
            throw OAuthError(.invalidRequest, "code_challenge must be 43 characters of base64url")
        }
        return challenge
    }

    /// The lowest of the levels that the portal accepts, since any key at or above it will do.
    ///
    /// Levels that nobody knows here are left aside: the parameter is a wish (OpenID Connect Core section 3.1.2.1).
    private func minimumAcr(of client: Client) throws(OAuthError) -> Acr {
        guard let text = values["acr_values"] else { return client.defaultAcr }
        let wanted = text.split(separator: " ", omittingEmptySubsequences: true)
        guard wanted.count <= 10 else { throw OAuthError(.invalidRequest, "acr_values names too many levels") }
        return wanted.compactMap { Acr(uri: String($0)) }.min() ?? client.defaultAcr
    }

    private func prompt() throws(OAuthError) -> AuthorizationRequest.Prompt {
        guard let text = values["prompt"] else { return .automatic }
        let wanted = Set(text.split(separator: " ").map(String.init))
        guard wanted.isSubset(of: ["none", "login", "consent", "select_account"]) else {
            throw OAuthError(.invalidRequest, "prompt has an unknown value")
        }
        if wanted.contains("none") {
            guard wanted.count == 1 else { throw OAuthError(.invalidRequest, "prompt none stands alone") }
            return .none
        }
        return wanted.contains("login") || wanted.contains("select_account") ? .login : .automatic
    }

    private func maximumAge() throws(OAuthError) -> Int64? {
        guard let text = values["max_age"] else { return nil }
        guard text.utf8.count <= 9, let age = Int64(text), age >= 0 else {
            throw OAuthError(.invalidRequest, "max_age must be a number of seconds")
        }
        return age
    }

    private func language() -> Language? {
        for tag in (values["ui_locales"] ?? "").split(separator: " ").prefix(10) {
            let primary = tag.split(separator: "-").first.map { $0.lowercased() } ?? ""
            if let language = Language(rawValue: primary) { return language }
        }
        return nil
    }
}

/// The grammar of proof keys (RFC 7636 section 4); only S256 is taken.
package enum ProofKeyRule {
    /// Whether the text can be an S256 challenge: 43 characters of base64url.
    package static func isChallenge(_ text: String) -> Bool {
        text.utf8.count == 43 && text.utf8.allSatisfy { isLetterOrDigit($0) || $0 == 0x2d || $0 == 0x5f }
    }

    /// Whether the text can be a verifier: 43 to 128 unreserved characters.
    package static func isVerifier(_ text: String) -> Bool {
        (43...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { isLetterOrDigit($0) || [0x2d, 0x2e, 0x5f, 0x7e].contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
}
