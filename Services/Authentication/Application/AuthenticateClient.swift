import AuditTrail
package import AuthenticationDomain
import FoundationEssentials
import Keys
import Postgres
import Vocabulary

/// Finds out which client sends a request, by the assertion it signed (`private_key_jwt`, RFC 7523); no other way
/// is taken.
package struct AuthenticateClient: Sendable {
    /// What a client sends to say who it is.
    package struct Credentials: Sendable {
        package let clientID: String?
        package let assertionType: String?
        package let assertion: String?
        /// Whether it also sent a secret, or an Authorization header.
        package let triesAnotherWay: Bool
        /// The code that it wants tokens for.
        package let code: String?

        package init(
            clientID: String?, assertionType: String?, assertion: String?, triesAnotherWay: Bool, code: String? = nil
        ) {
            self.clientID = clientID
            self.assertionType = assertionType
            self.assertion = assertion
            self.triesAnotherWay = triesAnotherWay
            self.code = code
        }
    }

    let issuer: String
    let database: Database
    let acts: Acts
    let clients: ClientRegistry
    private let assertions = ClientAssertionStore()

    /// The client that signed the assertion.
    ///
    /// - Throws: ``ClientAuthenticationRefusal``: the caller reads one answer for all of them, the log says which.
    package func callAsFunction(_ credentials: Credentials) async throws -> Client {
        guard credentials.assertion == nil || !credentials.triesAnotherWay else {
            throw ClientAuthenticationRefusal(.twoWays, claimed: credentials.clientID)
        }
        guard credentials.assertionType == ClientAssertionSigner.assertionType, let text = credentials.assertion else {
            throw ClientAuthenticationRefusal(.noAssertion, claimed: credentials.clientID)
        }
        guard let token = CompactJWS(text), let claims = token.claims(as: AssertionClaims.self) else {
            throw ClientAuthenticationRefusal(.malformed, claimed: credentials.clientID)
        }
        if let flaw = flaw(of: token, claims, clientID: credentials.clientID) {
            throw ClientAuthenticationRefusal(flaw, claimed: claims.sub)
        }
        guard let registered = clients.registration(claims.sub) else {
            throw ClientAuthenticationRefusal(.unknownClient, claimed: claims.sub)
        }
        let taken = try await database.read { session in
            try assertions.take(
                client: claims.sub, id: claims.jti, for: credentials.code.map(TokenHash.of), madeAt: claims.madeAt,
                expiresAt: claims.forgottenAt, in: session)
        }
        switch taken {
        case .first, .forNothing: return registered.client
        case .again: throw ClientAuthenticationRefusal(.usedBefore, claimed: claims.sub)
        case .beforeRestoration: throw ClientAuthenticationRefusal(.beforeRestoration, claimed: claims.sub)
        }
    }

    private func flaw(
        of token: CompactJWS, _ claims: AssertionClaims, clientID: String?
    ) -> ClientAuthenticationRefusal.Flaw? {
        guard token.algorithm == "ES256" else { return .otherAlgorithm }
        guard claims.iss == claims.sub, clientID ?? claims.sub == claims.sub else { return .otherClient }
        guard let registered = clients.registration(claims.sub) else { return .unknownClient }
        guard isSigned(token, by: registered) else { return .signature }
        return claims.flaw(audiences: [issuer, issuer + "/token"], at: acts.now())
    }

    /// A key id that the client's key set knows picks the key; any other leaves all of its keys.
    private func isSigned(_ token: CompactJWS, by registered: RegisteredClient) -> Bool {
        let named = registered.keys.filter { $0.id != nil && $0.id == token.keyID }
        return (named.isEmpty ? registered.keys : named).contains { token.isSigned(by: $0.key) }
    }
}

/// Why a client was not believed.
package struct ClientAuthenticationRefusal: Error, Hashable, Sendable {
    /// One of the defects, by the name under which the log has it.
    package enum Flaw: String, Hashable, Sendable {
        /// RFC 6749 section 2.3 forbids it, and it would not be known which of the two counts.
        case twoWays = "two-ways-of-authentication"
        case noAssertion = "no-assertion"
        case malformed = "assertion-malformed"
        case otherAlgorithm = "algorithm-other-than-es256"
        /// `iss`, `sub` and `client_id` do not name one client.
        case otherClient = "other-client-id"
        case unknownClient = "client-unknown"
        case signature = "signature-of-no-registered-key"
        case audience = "audience-is-not-this-provider"
        case expired = "expired"
        case lifeTooLong = "exp-too-far-ahead"
        case notYet = "not-valid-yet"
        case jti = "jti-malformed"
        case usedBefore = "jti-used-before"
        /// The database was restored after it was made: whether it was used is not known.
        case beforeRestoration = "made-before-restoration"
    }

    package let flaw: Flaw
    /// The client id that was claimed; whoever sent it may have lied.
    package let claimedClient: String?

    package init(_ flaw: Flaw, claimed: String?) {
        self.flaw = flaw
        claimedClient = claimed
    }

    /// What the caller is told.
    package var answer: OAuthError {
        flaw == .twoWays
            ? OAuthError(.invalidRequest, "a client authenticates itself in one way, by private_key_jwt")
            : OAuthError(.invalidClient, "client authentication by private_key_jwt did not succeed")
    }
}

/// The claims of an assertion (RFC 7523 section 3).
struct AssertionClaims: Decodable {
    /// The longest life of an assertion, in seconds: widespread libraries sign for an hour.
    static let longestLife: Int64 = 3600
    /// What clocks may differ, in seconds.
    static let leeway: Int64 = 60
    /// How much longer than it holds a used assertion is remembered, in seconds: an instance whose clock is behind
    /// must not forget one that it would still take.
    static let memory: Int64 = 300

    let iss: String
    let sub: String
    private let aud: OneAudience
    private let exp: NumericDate
    private let nbf: NumericDate?
    private let iat: NumericDate?
    let jti: String

    /// When it was made at the earliest: it says so, or it follows from the longest life.
    var madeAt: Instant {
        let made = iat?.seconds ?? nbf?.seconds ?? exp.seconds.saturatingSubtracting(Self.longestLife)
        return Instant(secondsSinceEpoch: made)
    }

    /// When the assertion can be forgotten.
    var forgottenAt: Instant { Instant(secondsSinceEpoch: exp.seconds.saturatingAdding(Self.leeway + Self.memory)) }

    func flaw(audiences: [String], at now: Instant) -> ClientAuthenticationRefusal.Flaw? {
        let now = now.secondsSinceEpoch
        guard let audience = aud.value, audiences.contains(audience) else { return .audience }
        // Nothing is added to a number that somebody else wrote.
        guard exp.seconds > now - Self.leeway else { return .expired }
        guard exp.seconds <= now + Self.longestLife + Self.leeway else { return .lifeTooLong }
        guard [nbf, iat].allSatisfy({ ($0?.seconds ?? now) <= now + Self.leeway }) else { return .notYet }
        guard (1...255).contains(jti.utf8.count), jti.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            return .jti
        }
        return nil
    }

    /// `aud` as a text, or as a list of one: an assertion for several could be used by one of them at another.
    private struct OneAudience: Decodable {
        let value: String?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let one = try? container.decode(String.self) {
                value = one
            } else {
                let values = try container.decode([String].self)
                value = values.count == 1 ? values[0] : nil
            }
        }
    }

    /// Seconds since 1970, with a fraction or without (RFC 7519 section 2).
    private struct NumericDate: Decodable {
        let seconds: Int64

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let whole = try? container.decode(Int64.self) {
                seconds = whole
            } else {
                let number = try container.decode(Double.self).rounded(.down)
                seconds = Int64(exactly: number) ?? (number < 0 ? .min : .max)
            }
        }
    }
}
