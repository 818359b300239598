import Authentication
import AuthenticationContracts
import ContractCore
import Following
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import OrganisationRightsContracts
import Postgres
import Process
import ProfileResolutionContracts
import TestStore
import Testing
import Tokens
import Vocabulary

@Suite("Tokens and what they rest on")
struct BasisTests {
    private func facts(_ world: World) -> FactProjections {
        FactProjections(tokens: TokenStore(), now: { world.clock.now })
    }

    private func right(
        _ id: RightID, _ organisation: OrganisationID, version: Int64, _ status: RightStatus, endsOn: LocalDate? = nil
    ) -> RightState {
        RightState(
            rightId: id, version: version, organisationId: organisation, personId: PersonID(UUID()), role: "member",
            status: status, startsOn: LocalDate(daysSinceEpoch: 0), endsOn: endsOn, endedAt: nil)
    }

    private func organisation(_ id: OrganisationID, version: Int64, _ status: OrganisationStatus) throws
        -> OrganisationState
    {
        OrganisationState(
            organisationId: id, version: version, enterpriseNumber: nil, rizivNumber: nil, name: "Noord",
            type: try #require(OrganisationType.catalogue.first), status: status)
    }

    private func choice(_ organisation: OrganisationID, right: RightID, version: Int64 = 1) -> InteractionChoice {
        InteractionChoice(
            profile: .organisation(organisation),
            bases: [TokenBasis(kind: .right, id: right.description, version: version)])
    }

    @Test("while the events of a right do not come in order, no token is issued on it, and a refresh can be repeated")
    func uncertainRight() async throws {
        try await World.with { world in
            let account = try await world.account()
            let (id, organisation) = (RightID(UUID()), OrganisationID(UUID()))
            try await world.test { client in
                var browser = Browser(client)
                let tokens = try await world.tokens(account, &browser, picking: choice(organisation, right: id))
                let refresh = try #require(tokens.refreshToken)
                let partition = EventPartition.of(id.uuid)
                try await world.database.database.transaction { session in
                    try session.execute(
                        """
                        UPDATE position SET state = 'halted', reason = 'gap'
                        WHERE projection = 'token-rights' AND partition = \(partition)
                        """)
                }
                #expect(try await world.refresh(refresh, client).status == .serviceUnavailable)
                try await world.database.database.transaction { session in
                    try session.execute("UPDATE position SET state = 'running', reason = NULL")
                }
                #expect(try await world.refresh(refresh, client).status == .ok)
            }
        }
    }

    @Test("a right that ends takes the tokens of that profile with it, and no later ones are born of it")
    func endedRight() async throws {
        try await World.with { world in
            let account = try await world.account()
            let (id, organisation) = (RightID(UUID()), OrganisationID(UUID()))
            try await world.test { client in
                var browser = Browser(client)
                let tokens = try await world.tokens(account, &browser, picking: choice(organisation, right: id))
                let state = right(id, organisation, version: 2, .ended)
                try await world.database.database.transaction { session in
                    _ = try facts(world).take(state, in: session)
                }
                #expect(try await !world.isActive(tokens.accessToken, client))
                #expect(try await world.refresh(try #require(tokens.refreshToken), client).status == .badRequest)
                world.clock.advance(.seconds(30))
                let code = try await world.code(
                    account, &browser, picking: choice(organisation, right: id), ["prompt": "login"])
                #expect(try await world.exchange(code, client).status == .badRequest)
                world.clock.advance(.seconds(30))
                let again = choice(organisation, right: id, version: 3)
                let renewed = try await world.code(account, &browser, picking: again, ["prompt": "login"])
                #expect(try await world.exchange(renewed, client).status == .ok)
            }
            #expect(
                try await world.count("SELECT count(*) FROM audit_record WHERE reasons = '{token.basis-ended}'") == 2)
        }
    }

    @Test("a right whose last day is over takes its tokens with it, unless it was prolonged, and comes back when it is")
    func lastDay() async throws {
        try await World.with { world in
            let account = try await world.account()
            let (id, organisation) = (RightID(UUID()), OrganisationID(UUID()))
            let today = CivilTime.universal.day(at: world.clock.now)
            @Sendable func tell(_ version: Int64, endsOn: LocalDate?) async throws {
                let state = right(id, organisation, version: version, .active, endsOn: endsOn)
                try await world.database.database.transaction { session in
                    _ = try facts(world).take(state, in: session)
                }
                try await world.parts.keepHouse(logger: world.base.logger)()
            }
            try await world.test { client in
                var browser = Browser(client)
                // Without a last day, and on it, the right holds; what comes late does not count.
                try await tell(1, endsOn: nil)
                try await tell(3, endsOn: today)
                try await tell(2, endsOn: today.adding(days: -9))
                let tokens = try await world.tokens(
                    account, &browser, picking: choice(organisation, right: id, version: 3))
                #expect(try await world.isActive(tokens.accessToken, client))
                try await tell(4, endsOn: today.adding(days: -1))
                #expect(try await !world.isActive(tokens.accessToken, client))
                #expect(try await world.refresh(try #require(tokens.refreshToken), client).status == .badRequest)
                #expect(try await world.count("SELECT count(*) FROM right_period") == 0)
                // Prolonged, it holds again, for who chooses it anew.
                try await tell(5, endsOn: today.adding(days: 30))
                world.clock.advance(.seconds(30))
                let again = choice(organisation, right: id, version: 5)
                let renewed = try await world.code(account, &browser, picking: again, ["prompt": "login"])
                #expect(try await world.exchange(renewed, client).status == .ok)
            }
        }
    }

    @Test("an organisation that stops takes the tokens of all who act for it with it, until it is active again")
    func stoppedOrganisation() async throws {
        try await World.with { world in
            let account = try await world.account()
            let (id, right) = (OrganisationID(UUID()), RightID(UUID()))
            let stopped = try organisation(id, version: 2, .stopped)
            let active = try organisation(id, version: 3, .active)
            try await world.test { client in
                var browser = Browser(client)
                let tokens = try await world.tokens(account, &browser, picking: choice(id, right: right))
                try await world.database.database.transaction { session in
                    _ = try facts(world).take(stopped, in: session)
                }
                #expect(try await !world.isActive(tokens.accessToken, client))
                world.clock.advance(.seconds(30))
                let refused = try await world.code(
                    account, &browser, picking: choice(id, right: right), ["prompt": "login"])
                #expect(try await world.exchange(refused, client).status == .badRequest)
                try await world.database.database.transaction { session in
                    _ = try facts(world).take(active, in: session)
                    // An older state that comes again changes nothing.
                    #expect(try facts(world).take(stopped, in: session) == .stale)
                }
                world.clock.advance(.seconds(30))
                let code = try await world.code(
                    account, &browser, picking: choice(id, right: right), ["prompt": "login"])
                #expect(try await world.exchange(code, client).status == .ok)
            }
        }
    }

    @Test(
        "a dossier that is suspended or closed takes the tokens of the profession with it, one in another state not",
        arguments: DossierState.allCases)
    func dossiers(state: DossierState) async throws {
        try await World.with { world in
            let account = try await world.account()
            let dossier = DossierID(UUID())
            let profession = try #require(Profession(code: "persphysician"))
            let choice = InteractionChoice(
                profile: .profession(profession),
                bases: [TokenBasis(kind: .dossier, id: dossier.description, version: 1)])
            try await world.test { client in
                var browser = Browser(client)
                let tokens = try await world.tokens(account, &browser, picking: choice)
                try await world.database.database.transaction { session in
                    _ = try facts(world).take(dossier, state, version: 2, in: session)
                }
                let ends = state == .suspended || state == .closed
                #expect(try await world.isActive(tokens.accessToken, client) != ends)
            }
        }
    }
}
