import Authentication
import AuthenticationContracts
import AuthenticationDomain
import ContractCore
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import Postgres
import Testing
import Vocabulary

@Suite("Errands to the profile picker")
struct InteractionTests {
    @Test("a link that is passed on signs nobody in")
    func forwardedLink() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let interaction = try await world.signIn(account, &browser)
                let resume = try await world.choose(interaction, client)
                var stranger = Browser(client)
                let refused = try await stranger.get(resume)
                #expect(refused.status == .forbidden)
                #expect(refused.text.contains("Deze link hoort bij een andere browser"))
                #expect(refused.headers[.location] == nil)
                // A stranger who is signing in himself is no better off.
                _ = try await stranger.get(world.authorizeAddress())
                #expect(try await stranger.get(resume).status == .forbidden)
                let code = try await browser.get(resume).parameter("code")
                #expect(code != nil)
                // A second click moments later reads the same answer, and nobody does later.
                #expect(try await browser.get(resume).parameter("code") == code)
                #expect(try await stranger.get(resume).status == .forbidden)
                world.clock.advance(.seconds(11))
                #expect(try await browser.get(resume).status == .gone)
            }
            #expect(
                try await world.count(
                    "SELECT count(*) FROM audit_record WHERE reasons = '{interaction.of-other-browser}'") == 3)
        }
    }

    @Test("an errand is redeemed once, also when several try at once")
    func redeemedOnce() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let interaction = try await world.signIn(account, &browser)
                let token = try await world.serviceToken(world.pickerService, client)
                let statuses = try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            try await world.send(
                                .post, "/interactions/\(interaction)/redeem", nil, token: token, client
                            ).status
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(statuses.count { $0 == .ok } == 1)
                #expect(statuses.count { $0 == .notFound } == 7)
                let unknown = try await world.send(
                    .post, "/interactions/\(UUID().uuidString.lowercased())/redeem", nil, token: token, client)
                #expect(unknown.status == .notFound)
                #expect(try unknown.json(ProblemDocument.self).code == "interaction.unknown")
            }
        }
    }

    @Test("an errand that nobody redeemed within a minute tells nobody's name; the browser's next run goes straight on")
    func redeemedInTime() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let interaction = try await world.signIn(account, &browser)
                let token = try await world.serviceToken(world.pickerService, client)
                world.clock.advance(.seconds(61))
                let late = try await world.send(
                    .post, "/interactions/\(interaction)/redeem", nil, token: token, client)
                #expect(late.status == .notFound && !late.text.contains("Peeters"))
                let next = try await browser.get(world.authorizeAddress())
                let errand = try #require(next.parameter("interaction").flatMap { InteractionID($0) })
                world.clock.advance(.seconds(59))
                let inTime = try await world.send(.post, "/interactions/\(errand)/redeem", nil, token: token, client)
                #expect(inTime.status == .ok)
            }
        }
    }

    @Test("nothing is chosen before the errand is redeemed, nor after its time, nor without what the profile rests on")
    func choices() async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                var browser = Browser(client)
                let interaction = try await world.signIn(account, &browser)
                let token = try await world.serviceToken(world.pickerService, client)
                let path = "/interactions/\(interaction)"
                let citizen = InteractionChoice(profile: .citizen, bases: [])
                let early = try await world.send(.put, path + "/choice", citizen, token: token, client)
                #expect(early.status == .notFound)
                _ = try await world.send(.post, path + "/redeem", nil, token: token, client)
                // The picker has not put a choice yet: the browser is sent back to it.
                let back = try await browser.get(world.resumePath(interaction))
                #expect(back.location == "\(World.picker)/choose-profile?interaction=\(interaction)")
                let right = TokenBasis(kind: .right, id: UUID().uuidString, version: 1)
                let organisation = OrganisationID(UUID())
                for body in [
                    InteractionChoice(profile: .organisation(organisation), bases: []),
                    InteractionChoice(
                        profile: .profession(try #require(Profession(code: "persphysician"))), bases: [right]),
                    InteractionChoice(profile: .organisation(organisation), bases: [right, right]),
                    InteractionChoice(
                        profile: .citizen, bases: [TokenBasis(kind: .session, id: UUID().uuidString, version: 1)]),
                    InteractionChoice(profile: .citizen, bases: [TokenBasis(kind: .right, id: "x", version: 1)]),
                ] {
                    let refused = try await world.send(.put, path + "/choice", body, token: token, client)
                    #expect(refused.status == .unprocessableContent)
                }
                // The same choice again, and another one, as long as the browser is not back.
                #expect(try await world.send(.put, path + "/choice", citizen, token: token, client).status == .ok)
                #expect(try await world.send(.put, path + "/choice", citizen, token: token, client).status == .ok)
                world.clock.advance(.seconds(1800))
                let fresh = try await world.serviceToken(world.pickerService, client)
                #expect(try await world.send(.put, path + "/choice", citizen, token: fresh, client).status == .notFound)
                #expect(try await browser.get(world.resumePath(interaction)).status == .gone)
            }
        }
    }

    @Test(
        "the back channel refuses callers without a token, with a person's, and without the scope",
        arguments: [
            ("POST", "/interactions/x/redeem"), ("PUT", "/interactions/x/choice"), ("POST", "/persons/resolve"),
        ])
    func refusedCallers(method: String, path: String) async throws {
        try await World.with { world in
            let account = try await world.account()
            try await world.test { client in
                let method = try #require(HTTPRequest.Method(method))
                let none = try await world.send(method, path, nil, token: nil, client)
                #expect(none.status == .unauthorized)
                let malformed = try await world.send(method, path, nil, token: "x.y.z", client)
                #expect(malformed.status == .unauthorized)
                let other = path.hasPrefix("/persons") ? Scope.interactions : Scope.resolvePersons
                let scopeless = try await world.serviceToken(world.pickerService, scope: other, client)
                let refused = try await world.send(method, path, nil, token: scopeless, client)
                #expect(refused.status == .forbidden)
                #expect(try refused.json(ProblemDocument.self).code == "token.scope-missing")
                var browser = Browser(client)
                let person = try await world.tokens(account, &browser).accessToken
                let elsewhere = try await world.send(method, path, nil, token: person, client)
                #expect(try elsewhere.json(ProblemDocument.self).code == "token.invalid", "it is for another API")
                world.clock.advance(.seconds(361))
                let expired = try await world.send(method, path, nil, token: scopeless, client)
                #expect(expired.status == .unauthorized)
            }
        }
    }
}
