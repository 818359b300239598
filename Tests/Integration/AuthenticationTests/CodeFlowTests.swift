import Authentication
import AuthenticationContracts
import AuthenticationDomain
import ContractCore
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import Postgres
import Process
import Testing
import Vocabulary
import Web

@Suite("Code flow")
struct CodeFlowTests {
    @Test("a person signs in with her app and the portal gets her tokens")
    func wholeFlow() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let interaction = try await world.signIn(account, &browser)
                let token = try await world.serviceToken(world.pickerService, client)
                let redeemed = try await world.send(
                    .post, "/interactions/\(interaction)/redeem", nil, token: token, client)
                let who = try redeemed.json(RedeemedInteraction.self)
                #expect(who.personId == account.person)
                #expect(who.acr == 400)
                #expect(who.clientName == "Toepassing portal")
                #expect(who.firstName == "An")
                let chosen = try await world.send(
                    .put, "/interactions/\(interaction)/choice",
                    InteractionChoice(profile: .citizen, bases: []), token: token, client)
                let back = try await browser.get(try chosen.json(InteractionResumption.self).resumeUrl)
                #expect(back.status == .seeOther)
                #expect(back.location.hasPrefix(World.callback + "?"))
                #expect(back.parameter("state") == "a state")
                #expect(back.parameter("iss") == World.issuer)
                let response = try await world.exchange(try #require(back.parameter("code")), client)
                #expect(response.status == .ok)
                #expect(response.headers[.cacheControl] == "no-store")
                try await checkTokens(try response.json(Tokens.self), of: account, who.sessionId, world, client)
            }
            #expect(try await world.count("SELECT count(*) FROM outbox WHERE type = 'session.started'") == 1)
            #expect(
                try await world.count(
                    "SELECT count(*) FROM audit_record WHERE action = 'sign-in.attempt' AND outcome = 'allowed'") == 1)
        }
    }

    private func checkTokens(
        _ tokens: Tokens, of account: TestAccount, _ session: SessionID, _ world: World,
        _ client: any TestClientProtocol
    ) async throws {
        #expect(tokens.expiresIn == 300)
        let caller = try await world.base.verifier.verify(tokens.accessToken, audience: .profileResolution)
        guard case .person(let person) = caller else {
            Issue.record("not a person's token")
            return
        }
        #expect(person.personID == account.person)
        #expect(person.sessionID == session)
        #expect(person.acr == .level400)
        #expect(person.profile == .citizen)
        #expect(person.scopes == ["dossier"] && tokens.scope == "dossier")
        let idToken = try #require(tokens.idToken)
        let identity = try #require(
            world.parts.signer.verified(idToken, type: "JWT", as: IDTokenClaims.self))
        #expect(identity.nonce == "a nonce")
        #expect(identity.aud == "portal")
        #expect(identity.sid != session.description)
        let sid = try #require(SessionID(identity.sid))
        #expect(try world.parts.hashes.session(sid, of: "portal") == session)
        #expect(identity.amr == ["pwd", "otp", "mfa"])
        #expect(identity.sub != account.person.description)
        let info = try await world.userInfo(try #require(tokens.refreshToken), client)
        #expect(try info.json(UserInfo.self).sub == identity.sub)
        let elsewhere = try await world.send(.get, "/userinfo", nil, token: tokens.accessToken, client)
        #expect(elsewhere.status == .unauthorized, "a token for an API opens no other one")
        #expect(try await world.isActive(tokens.accessToken, client))
        #expect(try await world.isActive(try #require(tokens.refreshToken), client))
    }

    @Test("two portals know a person under different subjects, and one portal always under the same")
    func pairwiseSubjects() async throws {
        try await World.with { world in
            let person = PersonID(UUID())
            let hashes = world.parts.hashes
            #expect(hashes.subject(of: person, at: "portal") == hashes.subject(of: person, at: "portal"))
            #expect(hashes.subject(of: person, at: "portal") != hashes.subject(of: person, at: "other-portal"))
            let session = SessionID(UUID())
            let known = try ["portal", "other-portal"].map { try hashes.pseudonym(of: session, at: $0) }
            #expect(Set(known + [session]).count == 3)
            #expect(try hashes.pseudonym(of: session, at: "portal") == known[0])
            #expect(try hashes.session(known[1], of: "other-portal") == session)
            #expect(try hashes.session(known[1], of: "portal") != session)
        }
    }

    @Test("the published keys verify the tokens, and the metadata says where they are")
    func discovery() async throws {
        try await World.with { world in
            try await world.test { client in
                struct Metadata: Decodable {
                    let issuer: String
                    let keySet: String
                    let challengeMethods: [String]
                    let clientAuthentication: [String]

                    private enum CodingKeys: String, CodingKey {
                        case issuer
                        case keySet = "jwks_uri"
                        case challengeMethods = "code_challenge_methods_supported"
                        case clientAuthentication = "token_endpoint_auth_methods_supported"
                    }
                }
                let metadata = try await client.execute(uri: "/.well-known/openid-configuration", method: .get)
                    .json(Metadata.self)
                #expect(metadata.issuer == World.issuer)
                #expect(metadata.keySet == World.issuer + "/jwks")
                #expect(metadata.challengeMethods == ["S256"])
                #expect(metadata.clientAuthentication == ["private_key_jwt"])
                let keys = try await client.execute(uri: "/jwks", method: .get)
                #expect(keys.text.contains("\"crv\":\"P-256\""))
                #expect(!keys.text.contains("\"d\":"))
            }
        }
    }

    @Test("a session that suffices leads straight to the picker; prompt decides otherwise")
    func singleSignOn() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let none = try await browser.get(world.authorizeAddress(["prompt": "none"]))
                #expect(none.parameter("error") == "login_required")
                #expect(none.parameter("iss") == World.issuer)
                _ = try await world.code(account, &browser)
                let again = try await browser.get(world.authorizeAddress())
                #expect(again.location.hasPrefix(World.picker + "/choose-profile?interaction="))
                let login = try await browser.get(world.authorizeAddress(["prompt": "login"]))
                #expect(login.location.hasPrefix(World.issuer + "/sign-in?transaction="))
                let quiet = try await browser.get(world.authorizeAddress(["prompt": "none"]))
                #expect(quiet.parameter("error") == "interaction_required")
                let strong = try await browser.get(
                    world.authorizeAddress(["acr_values": "urn:be:fedict:iam:fas:Level450"]))
                #expect(strong.parameter("error") == "unmet_authentication_requirements")
            }
        }
    }

    @Test("the chooser shows five keys in the seed's words and says why a key cannot be chosen")
    func chooser() async throws {
        try await World.with { world in
            try await world.test { client in
                var browser = Browser(client)
                let start = try await browser.get(
                    world.authorizeAddress(["acr_values": "urn:be:fedict:iam:fas:Level400"]))
                let page = try await browser.get(start.location)
                for text in [
                    "Kies uw digitale sleutel om aan te melden", "eID of digitale sleutels van erkende partners",
                    "Digitale sleutels met beveiligingscode en gebruikersnaam + wachtwoord", "Europese authenticatie",
                    "met eID kaartlezer", "via itsme", "met beveiligingscode via e-mail",
                    "met beveiligingscode via mobiele app", "met een Europees erkend inlogmiddel",
                    "Je itsme-account aanmaken", "nog niet beschikbaar", "niveau 400",
                ] { #expect(page.text.contains(text), "\(text)") }
                #expect(page.headers[.cacheControl] == "no-store")
                #expect(page.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
                let refused = try await browser.post(
                    "/sign-in",
                    [
                        ("csrf", page.field("csrf") ?? ""), ("transaction", page.field("transaction") ?? ""),
                        ("key", "email-code"),
                    ])
                #expect(refused.status == .unprocessableContent)
            }
        }
    }

    @Test("an unknown client, an unregistered address and a wrong request end where they must")
    func wrongRequests() async throws {
        try await World.with { world in
            try await world.test { client in
                var browser = Browser(client)
                let unknown = try await browser.get(world.authorizeAddress(["client_id": "nobody"]))
                #expect(unknown.status == .badRequest)
                let address = try await browser.get(world.authorizeAddress(["redirect_uri": "http://evil.test/"]))
                #expect(address.status == .badRequest)
                #expect(address.text.contains("Onbekend terugkeeradres"))
                let twice = try await browser.get(world.authorizeAddress() + "&client_id=portal")
                #expect(twice.status == .badRequest)
                let plain = try await browser.get(world.authorizeAddress(["code_challenge_method": "plain"]))
                #expect(plain.parameter("error") == "invalid_request")
                #expect(plain.parameter("state") == "a state")
            }
        }
    }
}
