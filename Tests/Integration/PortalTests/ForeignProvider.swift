import Async
import ContractCore
import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Keys
import NIOCore
import Pages
import TestBasics
import TestTokens
import Vocabulary
import Web

/// Somebody who can sign in at the foreign provider.
struct ForeignPerson: Sendable {
    var id = PersonID(UUID())
    var subject = "pairwise-\(UUID().uuidString)"
    var firstName = "Chloé"
    var lastName = "Dubois"
    var profile = ProfileChoice.citizen
}

/// An OpenID Provider that is not ours, on the loopback: what it does wrong can be chosen.
final class ForeignProvider: Sendable {
    /// One thing that an answer of the provider can get wrong; the profile can be wrong in a refresh alone.
    enum Fault: Sendable, Equatable, CaseIterable {
        case otherIssuerInCallback, noIssuerInCallback, otherIssuer, otherAudience, wrongNonce, expired, unsigned, weak,
            noSession, otherProfile, tokenEndpointRefuses, tokenEndpointAway, brokenOff
    }

    struct State {
        var person = ForeignPerson()
        var faults: [Fault] = []
        var codes: [String: Grant] = [:]
        var refreshTokens: [String: Grant] = [:]
        /// How often a code was sent to be exchanged.
        var exchanges = 0
        var refreshes = 0
        var refusesRefresh = false
        var isAway = false
        /// When the person showed her key; nothing for just now.
        var authenticatedAt: Instant?
        /// Status and code with which every refresh is refused.
        var refreshError: (status: Int, code: String)?
        /// By how many seconds its clock is ahead of the portal's.
        var clockIsAhead = 0
        var accessLifetime = AccessTokenClaims.lifetime
        var endedSessions: [String] = []
        var assertions: Set<String> = []
    }

    struct Grant: Sendable {
        let person: ForeignPerson
        let nonce: String
        let challenge: String
        let session: SessionID
    }

    let state = Guarded(State())
    let clientKey = P256.Signing.PrivateKey()
    let issuer: TestIssuer

    init(address: String, now: @escaping @Sendable () -> Instant) {
        issuer = TestIssuer(issuer: address, now: now)
    }

    /// Signs any claims as a token of the provider.
    func sign(_ claims: some Encodable, type: String = "JWT") throws -> String { try issuer.sign(claims, type: type) }

    func addRoutes(to router: RouterGroup<BasicRequestContext>) {
        router.get("/.well-known/openid-configuration") { [self] _, _ in
            try reply([
                "issuer": issuer.issuer, "authorization_endpoint": "\(issuer.issuer)/authorize",
                "end_session_endpoint": "\(issuer.issuer)/end-session",
            ])
        }
        router.post("/token") { [self] request, _ in
            let body = try await request.body.collect(upTo: 65_536)
            return try token(try parameters(String(buffer: body)))
        }
    }

    /// What the browser does at the authorization endpoint: the person signs in at once.
    ///
    /// - Returns: the address that the provider sends the browser back to.
    func authorize(_ address: String) throws -> String {
        let query = try parameters(String(address.split(separator: "?", maxSplits: 1)[1]))
        let code = UUID().uuidString
        return state.withLock { state in
            state.codes[code] = Grant(
                person: state.person, nonce: query["nonce"] ?? "", challenge: query["code_challenge"] ?? "",
                session: SessionID(UUID()))
            var answer = ["state": query["state"] ?? "", "iss": issuer.issuer]
            if state.faults.contains(.brokenOff) { answer["error"] = "access_denied" } else { answer["code"] = code }
            if state.faults.contains(.otherIssuerInCallback) { answer["iss"] = "https://another.test" }
            if state.faults.contains(.noIssuerInCallback) { answer["iss"] = nil }
            return (query["redirect_uri"] ?? "") + "?" + encode(answer)
        }
    }

    private func token(_ form: [String: String]) throws -> Response {
        guard !state.withLock({ $0.isAway || $0.faults.contains(.tokenEndpointAway) }) else {
            return Response(status: .serviceUnavailable)
        }
        guard try holds(form["client_assertion"]) else { return try refuse("invalid_client", .unauthorized) }
        switch form["grant_type"] {
        case "authorization_code":
            let grant = state.withLock { state in
                state.exchanges += 1
                return state.codes.removeValue(forKey: form["code"] ?? "")
            }
            let challenge = Base64URL.encode(SHA256.hash(data: Array((form["code_verifier"] ?? "").utf8)))
            guard let grant, grant.challenge == challenge,
                !state.withLock({ $0.faults.contains(.tokenEndpointRefuses) })
            else { return try refuse("invalid_grant") }
            return try tokens(grant, for: form["resource"])
        case "refresh_token":
            if let error = state.withLock({ $0.refreshError }) {
                return try refuse(error.code, .init(code: error.status))
            }
            let grant = state.withLock { state -> Grant? in
                state.refreshes += 1
                return state.refusesRefresh ? nil : state.refreshTokens[form["refresh_token"] ?? ""]
            }
            guard let grant else { return try refuse("invalid_grant") }
            return try tokens(grant, for: form["resource"], isRefresh: true)
        case "client_credentials":
            return try reply([
                "access_token": issuer.serviceToken("portal", for: .mandateRegistry, scopes: [Scope.dossierContext]),
                "token_type": "Bearer", "expires_in": 300,
            ])
        default: return try refuse("unsupported_grant_type")
        }
    }

    /// Whether the client proved to be the portal, with an assertion that was not used before.
    private func holds(_ assertion: String?) throws -> Bool {
        guard let assertion, let lastDot = assertion.lastIndex(of: "."),
            let signature = Base64URL.decode(assertion[assertion.index(after: lastDot)...])
        else { return false }
        let key = clientKey.publicKey
        let valid = try key.isValidSignature(
            P256.Signing.ECDSASignature(rawRepresentation: signature), for: Array(assertion[..<lastDot].utf8))
        return valid && state.withLock { $0.assertions.insert(assertion).inserted }
    }

    private func tokens(_ grant: Grant, for resource: String?, isRefresh: Bool = false) throws -> Response {
        let (faults, lifetime) = state.withLock { ($0.faults, $0.accessLifetime) }
        let now = issuer.now()
        let refresh = isRefresh ? nil : UUID().uuidString
        if let refresh { state.withLock { $0.refreshTokens[refresh] = grant } }
        let access = try issuer.accessToken(
            AccessTokenClaims(
                issuer: issuer.issuer, person: grant.person.id, session: grant.session, family: UUID(),
                clientID: "portal",
                acr: .level400, authTime: now, profile: grant.person.profile,
                audience: resource ?? issuer.issuer, scopes: ["openid"], id: UUID().uuidString,
                issuedAt: now, lifetime: lifetime), for: .mandateRegistry)
        var answer: [String: Any] = [
            "access_token": access, "token_type": "Bearer", "expires_in": lifetime,
            "id_token": try identity(grant, faults, at: now, nonce: isRefresh ? nil : grant.nonce),
        ]
        if let refresh { answer["refresh_token"] = refresh }
        return try reply(answer)
    }

    private func identity(_ grant: Grant, _ faults: [Fault], at now: Instant, nonce: String?) throws -> String {
        let seconds = now.secondsSinceEpoch + Int64(state.withLock { $0.clockIsAhead })
        let claims = IdentityTokenOfProvider(
            iss: faults.contains(.otherIssuer) ? "https://another.test" : issuer.issuer, sub: grant.person.subject,
            aud: faults.contains(.otherAudience) ? "another-portal" : "portal",
            exp: faults.contains(.expired) ? seconds - 600 : seconds + 300, iat: seconds,
            nonce: faults.contains(.wrongNonce) ? "another" : nonce,
            authTime: (state.withLock { $0.authenticatedAt } ?? now).secondsSinceEpoch,
            acr: (faults.contains(.weak) ? Acr.level200 : .level400).uri,
            sid: faults.contains(.noSession) ? nil : grant.session.description,
            profile: faults.contains(.otherProfile)
                ? .organisation(OrganisationID(UUID())) : grant.person.profile,
            givenName: grant.person.firstName, familyName: grant.person.lastName)
        if faults.contains(.unsigned) {
            return try TestIssuer(issuer: issuer.issuer, now: issuer.now).sign(claims, type: "JWT")
        }
        return try sign(claims)
    }
}

/// The claims of an ID token as the foreign provider writes them.
private struct IdentityTokenOfProvider: Encodable {
    let iss: String
    let sub: String
    let aud: String
    let exp: Int64
    let iat: Int64
    let nonce: String?
    let authTime: Int64
    let acr: String
    let sid: String?
    let profile: ProfileChoice
    let givenName: String
    let familyName: String

    private enum CodingKeys: String, CodingKey {
        case iss, sub, aud, exp, iat, nonce, acr, sid
        case profile = "acting_as"
        case authTime = "auth_time"
        case givenName = "given_name"
        case familyName = "family_name"
    }
}

/// A logout token as the foreign provider writes it.
struct LogoutTokenOfProvider: Encodable {
    struct Event: Encodable {}
    var iss: String
    var aud = "portal"
    var iat: Int64
    var exp: Int64
    var jti = UUID().uuidString
    var sid: String?
    var sub: String?
    var events = ["http://schemas.openid.net/event/backchannel-logout": Event()]
    var nonce: String?
}

func parameters(_ encoded: String) throws -> [String: String] {
    var found: [String: String] = [:]
    for pair in encoded.split(separator: "&") {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        found[String(parts[0])] = parts.count == 2 ? decoded(parts[1]) : ""
    }
    return found
}

private func decoded(_ text: Substring) -> String {
    (try? FormData(encoded: Array("x=\(text)".utf8)))?["x"] ?? String(text)
}

func reply(_ fields: [String: Any], status: HTTPResponse.Status = .ok) throws -> Response {
    let members = try fields.map { key, value -> String in
        switch value {
        case let number as Int: return "\"\(key)\":\(number)"
        case let text as String:
            return "\"\(key)\":" + String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
        default: throw TestKitError("\(key) cannot be answered")
        }
    }
    return Response(
        status: status, headers: [.contentType: "application/json"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: "{\(members.joined(separator: ","))}")))
}

func refuse(_ error: String, _ status: HTTPResponse.Status = .badRequest) throws -> Response {
    try reply(["error": error], status: status)
}
