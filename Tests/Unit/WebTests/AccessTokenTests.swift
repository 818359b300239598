import ContractCore
import Crypto
import FoundationEssentials
import Keys
import Logging
import Process
import Synchronization
import Telemetry
import TestBasics
import TestTokens
import Testing
import Vocabulary
import Web

@Suite("Access tokens are verified")
struct AccessTokenTests {
    private let issuer = TestIssuer()
    private let person = PersonID(UUID())

    private func refusal(_ token: String, verifier: AccessTokenVerifier? = nil) async throws -> String? {
        let verifier = try verifier ?? issuer.verifier()
        do throws(Problem) {
            _ = try await verifier.verify(token, audience: .mandateRegistry)
            return nil
        } catch {
            #expect(error.code == .tokenInvalid)
            return error.detail
        }
    }

    @Test("a person's token stands for the person, her session, profile and scopes")
    func personToken() async throws {
        let profile = ProfileChoice.organisation(OrganisationID(UUID()))
        let token = try issuer.personToken(
            person, profile: profile, acr: .level450, for: .mandateRegistry,
            scopes: ["mandates", "profiles"])
        guard case .person(let caller) = try await issuer.verifier().verify(token, audience: .mandateRegistry) else {
            Issue.record("not a person")
            return
        }
        #expect(caller.personID == person && caller.profile == profile && caller.acr == .level450)
        #expect(caller.scopes == ["mandates", "profiles"] && caller.clientID == "portal")
    }

    @Test("a service's token stands for the service")
    func serviceToken() async throws {
        let token = try issuer.serviceToken("portal", for: .mandateRegistry, scopes: ["introspect"])
        guard case .service(let caller) = try await issuer.verifier().verify(token, audience: .mandateRegistry) else {
            Issue.record("not a service")
            return
        }
        #expect(caller.clientID == "portal" && caller.scopes == ["introspect"])
    }

    @Test("clocks may differ by five seconds and no more")
    func times() async throws {
        let now = Instant(microseconds: 1_769_860_800_000_000)
        let issuer = TestIssuer(now: { now })
        let verifier = try issuer.verifier()
        func token(_ seconds: Int) throws -> String {
            try issuer.serviceToken(for: .mandateRegistry, scopes: [], issuedAt: now.adding(.seconds(seconds)))
        }
        #expect(try await refusal(token(-304), verifier: verifier) == nil)
        #expect(try await refusal(token(-305), verifier: verifier) == "The access token has expired.")
        #expect(try await refusal(token(5), verifier: verifier) == nil)
        #expect(try await refusal(token(6), verifier: verifier) == "The access token does not count yet.")
    }

    @Test("a token for another API, of another issuer or of another type is refused")
    func wrongContent() async throws {
        let other = try issuer.serviceToken(for: .authentication, scopes: [])
        #expect(try await refusal(other) == "The access token is malformed, or not meant for this API.")
        let claims = AccessTokenClaims(
            issuer: issuer.issuer, clientID: "a", audience: "urn:toegang:authentication", scopes: [], id: "1",
            issuedAt: systemClock())
        let misled = try issuer.accessToken(claims, for: .mandateRegistry)
        #expect(try await refusal(misled) == "The access token is not meant for this API.")
        let elsewhere = TestIssuer(issuer: "http://other.test", key: issuer.key)
        #expect(
            try await refusal(elsewhere.serviceToken(for: .mandateRegistry, scopes: []))
                == "The access token is of another issuer.")
        let idToken = try issuer.accessToken(
            AccessTokenClaims(
                issuer: issuer.issuer, clientID: "a", audience: "urn:toegang:mandate-registry", scopes: [], id: "1",
                issuedAt: systemClock()), type: "JWT", for: .mandateRegistry)
        #expect(try await refusal(idToken) == "The token is not an access token.")
    }

    @Test("a token signed by another key under the same key id is refused")
    func wrongKey() async throws {
        let claims = AccessTokenClaims(
            issuer: issuer.issuer, clientID: "a", audience: "urn:toegang:mandate-registry", scopes: [], id: "1",
            issuedAt: systemClock())
        let signed = try CompactJWS.sign(
            claims, type: "at+jwt", keyID: JSONWebKey.thumbprint(of: issuer.key.publicKey),
            with: P256.Signing.PrivateKey())
        let token = try TestIssuer.seals.seal(signed, for: .mandateRegistry)
        #expect(try await refusal(token) == "The access token's signature does not hold.")
    }

    @Test("every changed character of a token makes it fail")
    func tampering() async throws {
        let token = Array(try issuer.serviceToken(for: .mandateRegistry, scopes: ["introspect"]))
        let verifier = try issuer.verifier()
        for index in stride(from: 0, to: token.count - 1, by: 3) where token[index] != "." {
            var changed = token
            changed[index] = token[index] == "A" ? "B" : "A"
            #expect(try await refusal(String(changed), verifier: verifier) != nil)
        }
    }

    @Test(
        "what is no token is refused and not looked at further",
        arguments: [
            "", "a", "a.b.c.d.e", "....", "e30..AA.AA.AA", "a.b", "a.b.c", "a.b.c.d", "eyJhbGciOiJub25lIn0.e30.", "..",
            "ü.ü.ü",
        ])
    func malformed(token: String) async throws {
        #expect(try await refusal(token) == "The access token is malformed, or not meant for this API.")
        #expect(
            try await refusal(String(repeating: "a", count: 9000) + ".b.c")
                == "The access token is malformed, or not meant for this API.")
    }

    @Test("whatever numbers a signed token has, it is accepted or refused")
    func hostileNumbers() async throws {
        let now = systemClock().secondsSinceEpoch
        let person = UUID().uuidString.lowercased()
        let claims = """
            {"iss":"\(issuer.issuer)","sub":"\(person)","aud":"urn:toegang:mandate-registry","exp":\(now + 60),"iat":\(now),
             "nbf":\(now),"jti":"a","client_id":"portal","scope":"mandates","sid":"\(person)","acr":"\(Acr.level400.uri)",
             "auth_time":\(now),"acting_as":{"kind":"citizen"}}
            """
        #expect(try await refusal(signed(claims)) == nil)
        for variant in HostileNumbers.variants(of: claims) { _ = try await refusal(signed(variant)) }
        let late = claims.replacing("\"auth_time\":\(now)", with: "\"auth_time\":\(Int64.max)")
        #expect(try await refusal(signed(late)) == nil)
    }

    /// Signs claims as they are written, and seals them.
    private func signed(_ json: String) throws -> String {
        let keyID = JSONWebKey.thumbprint(of: issuer.key.publicKey)
        let header = #"{"alg":"ES256","typ":"at+jwt","kid":"\#(keyID)"}"#
        let input = Base64URL.encode(header.utf8) + "." + Base64URL.encode(json.utf8)
        let signature = try issuer.key.signature(for: Array(input.utf8)).rawRepresentation
        return try TestIssuer.seals.seal(input + "." + Base64URL.encode(signature), for: .mandateRegistry)
    }

    @Test("a person's token that lacks a claim is refused")
    func incomplete() async throws {
        struct Claims: Encodable {
            let iss: String, sub: String, aud: String, exp: Int64, iat: Int64, sid: String
            let jti = "1", clientID = "portal", scope = "mandates"

            private enum CodingKeys: String, CodingKey {
                case iss, sub, aud, exp, iat, sid, jti, scope
                case clientID = "client_id"
            }
        }
        let now = systemClock().secondsSinceEpoch
        let token = try issuer.accessToken(
            Claims(
                iss: issuer.issuer, sub: person.description, aud: "urn:toegang:mandate-registry", exp: now + 300,
                iat: now,
                sid: UUID().uuidString.lowercased()), for: .mandateRegistry)
        #expect(try await refusal(token) == "The access token lacks what a person's token has.")
    }

    @Test("who acts as something that this version does not know is refused, and her token is not called wrong")
    func unknownActingAs() async throws {
        struct Claims: Encodable {
            let iss: String, sub: String, aud: String, exp: Int64, iat: Int64, sid: String
            let jti = "1", clientID = "portal", scope = "mandates", acr = Acr.level400.uri, authTime: Int64 = 1
            let actingAs = ["kind": "service-centre", "desk": "7"]

            private enum CodingKeys: String, CodingKey {
                case iss, sub, aud, exp, iat, sid, jti, scope, acr
                case clientID = "client_id"
                case authTime = "auth_time"
                case actingAs = "acting_as"
            }
        }
        let now = systemClock().secondsSinceEpoch
        let token = try issuer.accessToken(
            Claims(
                iss: issuer.issuer, sub: person.description, aud: "urn:toegang:mandate-registry", exp: now + 300,
                iat: now,
                sid: UUID().uuidString.lowercased()), for: .mandateRegistry)
        let verifier = try issuer.verifier()
        let problem = await #expect(throws: Problem.self) {
            try await verifier.verify(token, audience: .mandateRegistry)
        }
        #expect(problem?.code == .actingAsUnknown && problem?.code.status == 403)
    }

    @Test(
        "acting_as reads what it knows, takes what it does not know as unknown, and nothing else",
        arguments: [
            (#"{"kind":"citizen"}"#, ActingAs.profile(.citizen)), (#"{"kind":"new"}"#, .unknown),
            (#"{"kind":"profession","profession":7}"#, .unknown), (#"{"kind":"organisation"}"#, .unknown),
            (#""https://example.org/me""#, nil), (#"{"profession":"persphysician"}"#, nil), ("[]", nil),
        ] as [(String, ActingAs?)])
    func actingAs(json: String, expected: ActingAs?) {
        #expect((try? JSONDecoder().decode(ActingAs.self, from: Data(json.utf8))) == expected)
    }

    @Test("a client that holds a token reads nothing of it, and a signed token that was not sealed opens nothing")
    func opaque() async throws {
        let token = try issuer.personToken(person, for: .mandateRegistry, scopes: ["mandates"])
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        #expect(parts.count == 5)
        for part in parts {
            let text = String(decoding: Base64URL.decode(part) ?? [], as: UTF8.self)
            #expect(!text.contains(person.description) && !text.contains("mandates"))
        }
        let signed = try #require(TestIssuer.seals.open(token, for: .mandateRegistry))
        #expect(try await refusal(signed) == "The access token is malformed, or not meant for this API.")
    }
}

@Suite("The issuer's keys are kept as a snapshot")
struct IssuerKeysTests {
    private let issuer = TestIssuer()
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private struct Away: Error {}

    private func verifier(_ keys: IssuerKeys) -> AccessTokenVerifier {
        AccessTokenVerifier(issuer: issuer.issuer, seals: TestIssuer.seals, keys: keys, now: systemClock)
    }

    @Test("before the first fetch the service is unavailable, and the token is not called wrong")
    func notLoaded() async throws {
        let keys = IssuerKeys(logger: logger) { throw Away() }
        let token = try issuer.serviceToken(for: .authentication, scopes: [])
        let problem = await #expect(throws: Problem.self) {
            try await verifier(keys).verify(token, audience: .authentication)
        }
        #expect(problem?.code == .unavailable && problem?.retryAfter == 1)
    }

    @Test("tokens are verified while the issuer is away, once its keys are known")
    func issuerAway() async throws {
        let away = Atomic<Bool>(false)
        let jwks = try issuer.jwks
        let keys = IssuerKeys(logger: logger) {
            if away.load(ordering: .relaxed) { throw Away() }
            return jwks
        }
        #expect(await keys.refresh())
        away.store(true, ordering: .relaxed)
        #expect(await keys.refresh() == false)
        let token = try issuer.serviceToken(for: .authentication, scopes: [])
        _ = try await verifier(keys).verify(token, audience: .authentication)
    }

    @Test("a new key is fetched when a token names it; unknown names make no more than one fetch an interval")
    func unknownKey() async throws {
        let fetches = Atomic<Int>(0)
        let served = Mutex(try issuer.jwks)
        let keys = IssuerKeys(forcedInterval: .seconds(60), logger: logger) {
            fetches.add(1, ordering: .relaxed)
            return served.withLock { $0 }
        }
        await keys.refresh()
        let next = TestIssuer(issuer: issuer.issuer)
        try served.withLock { $0 = try next.jwks }
        let token = try next.serviceToken(for: .authentication, scopes: [])
        _ = try await verifier(keys).verify(token, audience: .authentication)
        #expect(fetches.load(ordering: .relaxed) == 2)
        let stranger = TestIssuer(issuer: issuer.issuer)
        let forged = try stranger.serviceToken(for: .authentication, scopes: [])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask { _ = try? await self.verifier(keys).verify(forged, audience: .authentication) }
            }
        }
        #expect(fetches.load(ordering: .relaxed) == 2)
    }

    @Test("a key set without a usable key does not replace the one that is known")
    func emptySet() throws {
        let keys = IssuerKeys(heldBy: logger)
        try keys.replace(jwks: try issuer.jwks)
        #expect(throws: IssuerKeysError.self) { try keys.replace(jwks: Array(#"{"keys":[]}"#.utf8)) }
        #expect(throws: (any Error).self) { try keys.replace(jwks: Array("<html>".utf8)) }
        #expect(keys.isLoaded && keys.key(JSONWebKey.thumbprint(of: issuer.key.publicKey)) != nil)
    }

    @Test("the background fetch goes on until it succeeds, and ends when it is cancelled")
    func background() async throws {
        let attempts = Atomic<Int>(0)
        let jwks = try issuer.jwks
        let keys = IssuerKeys(logger: logger) {
            if attempts.add(1, ordering: .relaxed).newValue < 3 { throw Away() }
            return jwks
        }
        let task = Task { try await keys.run() }
        #expect(try await eventually(within: .seconds(60)) { keys.isLoaded })
        #expect(attempts.load(ordering: .relaxed) == 3)
        task.cancel()
        try await task.value
    }
}
