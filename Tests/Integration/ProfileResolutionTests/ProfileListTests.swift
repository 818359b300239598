import ContractCore
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import MandateRegistryContracts
import NIOCore
import OrganisationRightsContracts
import Pages
import Postgres
import Process
import ProfileResolution
import ProfileResolutionContracts
import ProfileResolutionDomain
import TestTokens
import Testing
import Vocabulary

@Suite("Profile list")
struct ProfileListTests {
    @Test("a citizen with nothing else has the citizen's profile alone")
    func citizenOnly() async throws {
        try await Fixture.run { fixture in
            let profiles = try await fixture.profiles(of: PersonID(UUID()))
            #expect(profiles.map(\.profile) == [.citizen])
            #expect(profiles[0].name["nl"] == "Burger")
            #expect(profiles[0].available)
            #expect(!profiles[0].holdsMandates)
            #expect(profiles[0].dossierId == nil)
        }
    }

    @Test("each profession is listed, an unready one with its reason and remedy")
    func professions() async throws {
        try await Fixture.run { fixture in
            let person = PersonID(UUID())
            let open = try await fixture.dossier(of: person, "perspharmacist")
            try await fixture.dossier(of: person, "persphysiotherapist", .beingSetUp)
            let profiles = try await fixture.profiles(of: person)
            #expect(profiles.map { $0.name["nl"] } == ["Burger", "Apotheker", "Kinesitherapeut"])
            #expect(profiles.map(\.available) == [true, true, false])
            #expect(profiles[1].dossierId == open.id)
            #expect(profiles[2].reasons.map(\.code) == [.dossierBeingSetUp])
            #expect(profiles[2].reasons.first?.remedy == .wait("dossier-set-up"))
        }
    }

    @Test("the day on which a dossier is late is told only where it is configured how long setting up takes")
    func lateDay() async throws {
        try await Fixture.run { fixture in
            let person = PersonID(UUID())
            let visum = IssuedVisum(
                number: try #require(Visum("KIN-1")), issuedOn: try #require(LocalDate("2026-01-02")))
            let recognition = try #require(Recognition(rizivNumber: nil, visum: visum))
            try await fixture.dossier(of: person, "persphysiotherapist", .beingSetUp, recognition)
            let days: [(Int?, String?)] = [(nil, nil), (14, "2026-01-16"), (365, "2027-01-02")]
            for (setUpDays, expected) in days {
                let persons = PersonFactsStore(setUpDays: setUpDays)
                let list = ListProfiles(database: fixture.database, persons: persons, today: fixture.base.today)
                let options = try await list(of: person, in: .nl, behind: nil).options
                let reasons = options.flatMap { $0.refusal?.reasons ?? [] }
                #expect(reasons.map(\.code) == [.dossierBeingSetUp])
                #expect(reasons.first?.facts["since"] == "2026-01-02")
                #expect(reasons.first?.facts["expectedBy"] == expected)
            }
        }
    }

    @Test("the list goes on behind an organisation, and tells nothing about one that is not hers")
    func behind() async throws {
        try await Fixture.run { fixture in
            let person = PersonID(UUID())
            let places = [
                try await fixture.organisation("AZ Een"), try await fixture.organisation("AZ Twee"),
                try await fixture.organisation("AZ Drie"),
            ]
            for place in places.prefix(2) {
                try await fixture.right(of: person, in: place, id: RightID(UUID()), version: 1)
            }
            func list(_ after: String) async throws -> ProfileList {
                try fixture.json(
                    try await fixture.send(
                        .get, "/me/profiles?after=\(after)", token: try fixture.person(person, .citizen)))
            }
            let behind = try await list("\(places[0])")
            #expect(behind.profiles.map(\.profile) == [.organisation(places[1])] && behind.next == nil)
            #expect(try await list("\(places[2])").profiles.isEmpty)
            let wrong = try await fixture.send(
                .get, "/me/profiles?after=x", token: try fixture.person(person, .citizen))
            #expect(wrong.status == .unprocessableContent)
        }
    }

    @Test("an organisation appears when its right is taken in and goes when it is taken away")
    func rights() async throws {
        try await Fixture.run { fixture in
            let person = PersonID(UUID())
            let hospital = try await fixture.organisation("AZ Zilverberg")
            #expect(try await fixture.profiles(of: person).count == 1)
            let right = RightID(UUID())
            try await fixture.right(of: person, in: hospital, id: right, version: 1)
            let listed = try await fixture.profiles(of: person)
            #expect(listed.last?.profile == .organisation(hospital))
            #expect(listed.last?.available == true)
            try await fixture.right(of: person, in: hospital, status: .ended, id: right, version: 2)
            #expect(try await fixture.profiles(of: person).count == 1)
            // The older state comes again, as after a rebuild: it changes nothing.
            try await fixture.right(of: person, in: hospital, id: right, version: 1)
            #expect(try await fixture.profiles(of: person).count == 1)
        }
    }

    @Test("a stopped organisation is listed and says so")
    func stopped() async throws {
        try await Fixture.run { fixture in
            let person = PersonID(UUID())
            let hospital = try await fixture.organisation("AZ Zilverberg", status: .stopped)
            try await fixture.right(of: person, in: hospital)
            #expect(try await fixture.profiles(of: person).last?.reasons.map(\.code) == [.organisationStopped])
        }
    }

    @Test("mandates show under the profile by which they can be used")
    func mandates() async throws {
        try await Fixture.run { fixture in
            let person = PersonID(UUID())
            let insurer = try await fixture.organisation("Verzekeringen Noord NV")
            let hospital = try await fixture.organisation("AZ Zilverberg")
            try await fixture.right(of: person, in: insurer, role: "mandate-executor")
            try await fixture.right(of: person, in: hospital, role: "member")
            try await fixture.mandate(holder: .organisation(insurer))
            try await fixture.mandate(holder: .organisation(hospital))
            try await fixture.mandate(holder: .person(person), status: .stopped)
            let names = try await fixture.profiles(of: person).filter(\.holdsMandates).compactMap { $0.name["nl"] }
            #expect(names == ["Verzekeringen Noord NV"])
            try await fixture.mandate(holder: .person(person))
            #expect(try await fixture.profiles(of: person)[0].holdsMandates)
        }
    }

    @Test("a right of which an event is missing cannot be used, and says that a message is on its way")
    func missingEvent() async throws {
        try await Fixture.run { fixture in
            let person = PersonID(UUID())
            let hospital = try await fixture.organisation("AZ Zilverberg")
            let right = RightID(UUID())
            try await fixture.right(of: person, in: hospital, id: right)
            try await fixture.halt(source: .organisationRights, key: right.uuid)
            let entry = try #require(try await fixture.profiles(of: person).last)
            #expect(!entry.available)
            #expect(entry.reasons.map(\.code) == [.factsUnknown])
        }
    }

    @Test("mandates of a halted partition, or of one that nobody reads, count as not held")
    func missingMandateEvent() async throws {
        try await Fixture.run { fixture in
            let person = PersonID(UUID())
            let mandate = MandateID(UUID())
            try await fixture.database.transaction { session in
                try session.execute(
                    """
                    INSERT INTO known_mandate (id, version, grantor_dossier_id, holder_person_id, status, starts_on)
                    VALUES (\(mandate), 1, \(UUID()), \(person), 'active', '2020-01-01')
                    """)
            }
            #expect(try await fixture.profiles(of: person).first?.holdsMandates == true)
            try await fixture.halt("mandates", source: .mandateRegistry, key: mandate.uuid)
            #expect(try await fixture.profiles(of: person).first?.holdsMandates == false)
            try await fixture.database.transaction { session in
                try session.pipeline([
                    "UPDATE position SET state = 'running', reason = NULL",
                    "UPDATE lease SET owner = NULL, freed_at = clock_timestamp() - interval '11 seconds'",
                ])
            }
            #expect(try await fixture.profiles(of: person).first?.holdsMandates == false)
        }
    }

    @Test("only a service with the scope reads another's list")
    func callers() async throws {
        try await Fixture.run { fixture in
            let person = PersonID(UUID())
            let path = "/persons/\(person)/profiles"
            let service = try fixture.issuer.serviceToken(for: .profileResolution, scopes: [Scope.readProfiles])
            #expect(try await fixture.send(.get, path, token: service).status == .ok)
            #expect(try await fixture.send(.get, path).status == .unauthorized)
            let without = try fixture.issuer.serviceToken(for: .profileResolution, scopes: [])
            #expect(try await fixture.send(.get, path, token: without).status == .forbidden)
            let otherAPI = try fixture.issuer.serviceToken(for: .mandateRegistry, scopes: [Scope.readProfiles])
            #expect(try await fixture.send(.get, path, token: otherAPI).status == .unauthorized)
            let herself = try fixture.person(person, .citizen, scopes: [Scope.readProfiles, Scope.profiles])
            let response = try await fixture.send(.get, path, token: herself)
            #expect(response.status == .forbidden)
            #expect(try fixture.problem(response).code == "token.wrong-kind")
            #expect(try await fixture.send(.get, "/me/profiles", token: service).status == .forbidden)
        }
    }
}

extension Fixture {
    /// Leaves the partition of a key halted, as after an event that was lost.
    func halt(
        _ projection: String = "organisation-rights", source: EventSource, key: UUID
    ) async throws {
        try await database.transaction { session in
            try session.execute(
                """
                INSERT INTO position (projection, source, partition, state, reason)
                VALUES (\(projection), \(source.rawValue), \(EventPartition.of(key)), 'halted', 'gap')
                ON CONFLICT (projection, source, partition) DO UPDATE SET state = 'halted', reason = 'gap'
                """)
        }
    }
}
