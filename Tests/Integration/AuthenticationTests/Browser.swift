import Authentication
import AuthenticationContracts
import ContractCore
import Crypto
import Foundation
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Keys
import NIOCore
import Pages
import Postgres
import Process
import Testing
import Vocabulary
import Web

/// A browser at the service: keeps cookies, and leaves redirects to the test.
struct Browser {
    let client: any TestClientProtocol
    var cookies: [String: String] = [:]

    init(_ client: any TestClientProtocol) {
        self.client = client
    }

    /// The secret by which it holds its only run.
    var runSecret: String? {
        cookies.first { $0.key.hasPrefix("toegang_authn_tx_") }?.value.split(separator: ".").last.map(String.init)
    }

    mutating func get(_ address: String) async throws -> TestResponse {
        try await send(address, method: .get, form: nil)
    }

    mutating func post(_ address: String, _ form: [(String, String)]) async throws -> TestResponse {
        try await send(address, method: .post, form: form)
    }

    private mutating func send(
        _ address: String, method: HTTPRequest.Method, form: [(String, String)]?
    ) async throws -> TestResponse {
        var headers: HTTPFields = [.accept: "text/html", .acceptLanguage: "nl"]
        if !cookies.isEmpty { headers[.cookie] = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") }
        if form != nil { headers[.contentType] = "application/x-www-form-urlencoded" }
        let path = address.hasPrefix(World.issuer) ? String(address.dropFirst(World.issuer.count)) : address
        let response = try await client.execute(
            uri: path, method: method, headers: headers,
            body: form.map { ByteBuffer(string: FormEncoding.encode($0)) })
        for header in response.headers[values: .setCookie] {
            let pair = header.split(separator: ";")[0].split(separator: "=", maxSplits: 1).map(String.init)
            cookies[pair[0]] = pair.count == 2 && !pair[1].isEmpty ? pair[1] : nil
        }
        return response
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }

    /// Where the browser is sent.
    var location: String { headers[.location] ?? "" }

    /// A value of the address that the browser is sent to.
    func parameter(_ name: String) -> String? { Address.parameter(name, of: location) }

    /// The value of a hidden field.
    func field(_ name: String) -> String? {
        guard let start = text.firstRange(of: "name=\"\(name)\" value=\"") else { return nil }
        return String(text[start.upperBound...].prefix { $0 != "\"" })
    }

    func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(body.readableBytesView))
    }
}

enum Address {
    static func parameter(_ name: String, of address: String) -> String? {
        guard let query = address.split(separator: "?", maxSplits: 1).dropFirst().first else { return nil }
        return (try? FormData(encoded: Array(query.utf8)))?[name]
    }
}

/// The answer of the token endpoint, as a client reads it.
struct Tokens: Decodable {
    let accessToken: String
    let expiresIn: Int
    let scope: String
    let idToken: String?
    let refreshToken: String?

    private enum CodingKeys: String, CodingKey {
        case accessToken = "access_token"
        case expiresIn = "expires_in"
        case scope
        case idToken = "id_token"
        case refreshToken = "refresh_token"
    }
}

/// An error of OAuth, as a client reads it.
struct OAuthFailure: Decodable {
    let error: String
}

extension World {
    static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

    /// The address to which a portal sends a browser.
    func authorizeAddress(_ changes: [String: String?] = [:]) -> String {
        var values: [String: String?] = [
            "response_type": "code", "client_id": "portal", "redirect_uri": Self.callback,
            "scope": "openid dossier offline_access", "state": "a state", "nonce": "a nonce",
            "code_challenge": Self.challenge, "code_challenge_method": "S256",
            "resource": "urn:toegang:profile-resolution",
        ]
        for (name, value) in changes { values[name] = value }
        let pairs = values.compactMap { name, value in value.map { (name, $0) } }.sorted { $0.0 < $1.0 }
        return "/authorize?" + FormEncoding.encode(pairs)
    }

    /// Signs in; answers the interaction of the redirect to the picker.
    func signIn(
        _ account: TestAccount, _ browser: inout Browser, _ changes: [String: String?] = [:]
    ) async throws -> InteractionID {
        let start = try await browser.get(authorizeAddress(changes))
        let chooser = try await browser.get(start.location)
        let chosen = try await browser.post(
            "/sign-in",
            [
                ("csrf", chooser.field("csrf") ?? ""), ("transaction", chooser.field("transaction") ?? ""),
                ("key", "app-code"),
            ])
        let page = try await browser.get(chosen.location)
        let done = try await attempt(account.userName, Self.password, account.code(at: clock.now), page, &browser)
        #expect(done.status == .seeOther)
        return try #require(done.parameter("interaction").flatMap { InteractionID($0) })
    }

    /// Fills the form of a page in.
    func attempt(
        _ userName: String, _ password: String, _ code: String, _ page: TestResponse, _ browser: inout Browser
    ) async throws -> TestResponse {
        try await browser.post(
            "/sign-in/app-code",
            [
                ("csrf", page.field("csrf") ?? ""), ("transaction", page.field("transaction") ?? ""),
                ("username", userName), ("password", password), ("code", code),
            ])
    }

    /// Brings a browser to the page of the app code.
    func appCodePage(_ browser: inout Browser) async throws -> TestResponse {
        let start = try await browser.get(authorizeAddress())
        return try await browser.get(start.location.replacing("/sign-in?", with: "/sign-in/app-code?"))
    }

    /// An access token of a service in its own name.
    func serviceToken(_ service: TestClient, scope: String? = nil, _ client: any TestClientProtocol) async throws
        -> String
    {
        var fields = [
            ("grant_type", "client_credentials"), ("resource", base.verifier.audiences[.authentication]),
        ]
        if let scope { fields.append(("scope", scope)) }
        let response = try await call("/token", fields, as: service, client)
        #expect(response.status == .ok)
        return try response.json(Tokens.self).accessToken
    }

    /// Calls an endpoint as a client that authenticates itself.
    func call(
        _ path: String, _ fields: [(String, String)], as caller: TestClient, _ client: any TestClientProtocol
    ) async throws -> TestResponse {
        try await post(path, fields + assertion(of: caller), client)
    }

    func assertion(of caller: TestClient) throws -> [(String, String)] {
        let clock = clock
        let signer = ClientAssertionSigner(clientID: caller.id, key: caller.key, now: { clock.now }, newID: { UUID() })
        return [
            ("client_id", caller.id), ("client_assertion_type", ClientAssertionSigner.assertionType),
            ("client_assertion", try signer.assertion(audience: Self.issuer)),
        ]
    }

    func post(
        _ path: String, _ fields: [(String, String)], _ client: any TestClientProtocol
    ) async throws -> TestResponse {
        try await client.execute(
            uri: path, method: .post, headers: [.contentType: "application/x-www-form-urlencoded"],
            body: ByteBuffer(string: FormEncoding.encode(fields)))
    }

    /// Sends JSON with a bearer token.
    func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: (any Encodable)?, token: String?,
        _ client: any TestClientProtocol
    ) async throws -> TestResponse {
        var headers: HTTPFields = [.contentType: "application/json"]
        if let token { headers[.authorization] = "Bearer \(token)" }
        let buffer = try body.map { ByteBuffer(bytes: try JSONEncoder().encode($0)) }
        return try await client.execute(uri: path, method: method, headers: headers, body: buffer)
    }

    /// What profile-resolution-service does: redeems the errand and puts a choice.
    func choose(
        _ interaction: InteractionID, _ client: any TestClientProtocol,
        picking choice: InteractionChoice = InteractionChoice(profile: .citizen, bases: [])
    ) async throws -> String {
        let token = try await serviceToken(pickerService, client)
        let redeemed = try await send(.post, "/interactions/\(interaction)/redeem", nil, token: token, client)
        #expect(redeemed.status == .ok)
        let chosen = try await send(.put, "/interactions/\(interaction)/choice", choice, token: token, client)
        #expect(chosen.status == .ok)
        return try chosen.json(InteractionResumption.self).resumeUrl
    }

    /// The address at which a browser comes back from the picker.
    func resumePath(_ interaction: InteractionID) async throws -> String {
        let transaction = try await parts.database.read { session in
            try InteractionStore().transaction(of: interaction, in: session)
        }
        return "/authorize/resume?interaction=\(interaction)&transaction=\(try #require(transaction))"
    }

    /// Signs in and brings the browser to the portal; answers the code.
    func code(
        _ account: TestAccount, _ browser: inout Browser,
        picking choice: InteractionChoice = InteractionChoice(profile: .citizen, bases: []),
        _ changes: [String: String?] = [:]
    ) async throws -> String {
        let interaction = try await signIn(account, &browser, changes)
        let resume = try await choose(interaction, browser.client, picking: choice)
        let back = try await browser.get(resume)
        return try #require(back.parameter("code"))
    }

    /// Exchanges a code.
    func exchange(
        _ code: String, verifier: String = World.verifier, redirectURI: String = World.callback,
        as caller: TestClient? = nil, _ client: any TestClientProtocol
    ) async throws -> TestResponse {
        try await call(
            "/token",
            [
                ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectURI),
                ("code_verifier", verifier),
            ], as: caller ?? portal, client)
    }

    /// Signs in and exchanges the code.
    func tokens(
        _ account: TestAccount, _ browser: inout Browser,
        picking choice: InteractionChoice = InteractionChoice(profile: .citizen, bases: [])
    ) async throws -> Tokens {
        let code = try await code(account, &browser, picking: choice)
        let response = try await exchange(code, browser.client)
        #expect(response.status == .ok)
        return try response.json(Tokens.self)
    }

    func refresh(
        _ token: String, resource: String? = nil, _ client: any TestClientProtocol
    ) async throws -> TestResponse {
        try await call(
            "/token",
            [("grant_type", "refresh_token"), ("refresh_token", token)] + (resource.map { [("resource", $0)] } ?? []),
            as: portal, client)
    }

    /// What userinfo answers with a token for the issuer, got by a refresh.
    func userInfo(_ refreshToken: String, _ client: any TestClientProtocol) async throws -> TestResponse {
        let tokens = try await refresh(refreshToken, resource: Self.issuer, client).json(Tokens.self)
        return try await send(.get, "/userinfo", nil, token: tokens.accessToken, client)
    }

    /// Whether introspection calls a token active.
    func isActive(_ token: String, _ client: any TestClientProtocol) async throws -> Bool {
        struct Answer: Decodable {
            let active: Bool
        }
        let response = try await call("/introspect", [("token", token)], as: portal, client)
        #expect(response.status == .ok)
        return try response.json(Answer.self).active
    }
}
