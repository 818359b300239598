import Async
import AuthenticationContracts
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import Imports
import Keys
import Postgres
import Process
import ProfileResolution
import ProfileResolutionContracts
import ProfileResolutionDomain
import TestTokens
import Testing
import Vocabulary
import Web

@Suite("Dossiers that wait until number and name turn out to be of one person")
struct WaitingDossierTests {
    private static let contact = [
        "email": "an@praktijk.example", "phone": "+32 470 00 00 01", "street": "Lindelaan 12", "postal_code": "9000",
        "city": "Gent",
    ]

    private static func provider(_ name: String = "Peeters") throws -> [String: String] {
        [
            "national_number": Samples.nationalNumber(), "first_name": "An", "last_name": name,
            "profession": "persphysician", "riziv_number": try Samples.riziv().digits, "visum": "", "visum_date": "",
            "dossier_state": "open",
        ].merging(contact) { $1 }
    }

    private static func holder(_ name: String = "Peeters") throws -> [String: String] {
        [
            "national_number": Samples.nationalNumber(), "last_name": name, "function": "director",
            "organisation_kbo": "", "organisation_riziv": try Samples.riziv().digits, "organisation_name": "De Linde",
        ].merging(contact) { $1 }
    }

    private static func person(of row: [String: String], _ fixture: Fixture) throws -> PersonID {
        try #require(fixture.neighbours.state.withLock { $0.persons[row["national_number"] ?? ""] })
    }

    private static func count(_ statement: SQL, _ fixture: Fixture) async throws -> Int {
        try await fixture.database.read { try $0.first(statement)?.decode(Int.self) ?? -1 }
    }

    private static func waiting(_ fixture: Fixture) async throws -> Int {
        try await count("SELECT count(*) FROM waiting_dossier", fixture)
    }

    /// Signs somebody in, who is called An Peeters, and brings her to the picker.
    private static func signsIn(_ person: PersonID, _ fixture: Fixture) async throws {
        let id = fixture.neighbours.interaction(of: person, expiresAt: fixture.base.now().adding(.seconds(600)))
        #expect(try await fixture.send(.get, "/choose-profile?interaction=\(id)").status == .seeOther)
    }

    @Test("a wrong number makes nobody a care provider or function holder, whatever she asks for")
    func mistyped() async throws {
        try await Fixture.run { fixture in
            fixture.neighbours.state.withLock { $0.lastName = "Peeters" }
            let (provider, holder) = (try Self.provider("Vogel"), try Self.holder("Vogel"))
            #expect(try await fixture.take([provider], "care-providers") == [.waits])
            #expect(try await fixture.take([holder], "non-care-providers") == [.waits])
            let listed = try await fixture.database.read { session in
                try ProfileResolutionService.waiting.first?.page(nil, session)?.lines ?? []
            }
            #expect(listed.count == 2)
            #expect(listed.contains { $0.contains(": care-provider, persphysician; since ") })
            #expect(listed.allSatisfy { $0.hasSuffix(", without end; by a file") })
            for (row, profile) in [
                (provider, ProfileChoice.profession(try #require(Profession(code: "persphysician")))),
                (holder, .citizen),
            ] {
                let person = try Self.person(of: row, fixture)
                try await Self.signsIn(person, fixture)
                #expect(try await fixture.profiles(of: person).map(\.profile) == [.citizen])
                let token = try fixture.person(person, profile)
                #expect(try await fixture.send(.get, "/me/dossier", token: token).status != .ok)
                let id = try await fixture.database.read { session in
                    try session.first("SELECT id FROM dossier WHERE person_id = \(person)")?.decode(DossierID.self)
                }
                let dossier = try #require(id)
                #expect(try await fixture.send(.get, "/dossiers/\(dossier)", token: token).status == .notFound)
            }
            #expect(try await Self.waiting(fixture) == 2)
            // Where the names are lost, the dossiers go on being nobody's.
            try await fixture.database.transaction { session in try session.execute("DELETE FROM waiting_dossier") }
            for row in [provider, holder] {
                let person = try Self.person(of: row, fixture)
                try await Self.signsIn(person, fixture)
                #expect(try await fixture.profiles(of: person).map(\.profile) == [.citizen])
                let token = try fixture.person(person, .citizen)
                #expect(try await fixture.send(.get, "/me/dossier", token: token).status != .ok)
            }
        }
    }

    @Test("it is hers when she signs in under the delivered name, at once; the file again changes nothing")
    func begins() async throws {
        try await Fixture.run { fixture in
            fixture.neighbours.state.withLock { $0.lastName = nil }
            let (provider, holder) = (try Self.provider("PEETERS"), try Self.holder("peeters"))
            #expect(try await fixture.take([provider, provider], "care-providers") == [.waits, .waits])
            #expect(try await fixture.take([holder, holder], "non-care-providers") == [.waits, .waits])
            for row in [provider, holder] {
                let person = try Self.person(of: row, fixture)
                let profile: ProfileChoice =
                    row["function"] == nil
                    ? .profession(try #require(Profession(code: "persphysician"))) : .citizen
                let token = try fixture.person(person, profile)
                #expect(try await fixture.send(.get, "/me/dossier", token: token).status != .ok)
                try await Self.signsIn(person, fixture)
                #expect(try await fixture.profiles(of: person).map(\.profile).contains(profile))
                #expect(try await fixture.send(.get, "/me/dossier", token: token).status == .ok)
            }
            #expect(try await Self.waiting(fixture) == 0)
            let confirmed = try await Self.count(
                "SELECT count(*) FROM audit_record WHERE action = 'dossier.confirm'", fixture)
            #expect(confirmed == 2)
            fixture.neighbours.state.withLock { $0.lastName = "Peeters" }
            #expect(try await fixture.take([provider], "care-providers") == [.unchanged])
            #expect(try await fixture.take([holder], "non-care-providers") == [.unchanged])
        }
    }

    @Test("a delivery under the name that is known by then makes it hers; one that means somebody else writes nothing")
    func delivered() async throws {
        try await Fixture.run { fixture in
            fixture.neighbours.state.withLock { $0.lastName = nil }
            let row = try Self.provider()
            #expect(try await fixture.take([row], "care-providers") == [.waits])
            fixture.neighbours.state.withLock { $0.lastName = "Peeters" }
            #expect(try await fixture.take([row], "care-providers") == [.changed])
            #expect(try await Self.waiting(fixture) == 0)
            let mistyped = try Self.provider("Vogel").merging(
                ["national_number": row["national_number"] ?? ""]) { $1 }
            let refused = ImportVerdict.refused(
                "last_name: the dossier of this number is of somebody who is called otherwise")
            #expect(try await fixture.take([mistyped, row], "care-providers") == [refused, .unchanged])
            #expect(try await fixture.eventTypes() == ["care-provider.registered"])
        }
    }

    @Test("it is hers when she signed in while the file was being taken in")
    func crosses() async throws {
        try await Fixture.run { fixture in
            let row = try Self.provider()
            fixture.neighbours.state.withLock { ($0.lastName, $0.nextLastName) = (nil, "Peeters") }
            #expect(try await fixture.take([row], "care-providers") == [.waits])
            #expect(try await Self.waiting(fixture) == 0)
            let token = try fixture.person(
                try Self.person(of: row, fixture), .profession(try #require(Profession(code: "persphysician"))))
            #expect(try await fixture.send(.get, "/me/dossier", token: token).status == .ok)
            fixture.neighbours.state.withLock { ($0.lastName, $0.nextLastName) = (nil, "Vogel") }
            #expect(try await fixture.take([try Self.provider()], "care-providers") == [.waits])
            #expect(try await Self.waiting(fixture) == 1)
        }
    }

    @Test("a holder of a mandate works in a dossier that waits")
    func mandate() async throws {
        try await Fixture.run { fixture in
            fixture.neighbours.state.withLock { $0.lastName = nil }
            let row = try Self.provider()
            #expect(try await fixture.take([row], "care-providers") == [.waits])
            let grantor = try Self.person(of: row, fixture)
            let id = try await fixture.database.read { session in
                try session.first("SELECT id FROM dossier")?.decode(DossierID.self)
            }
            let dossier = try #require(id)
            let token = fixture.neighbours.context(
                dossier: dossier, grantor: grantor, actor: PersonID(UUID()), type: .administrativeDossier, tab: "tab")
            let answer = try await fixture.send(
                .get, "/dossiers/\(dossier)", token: token, headers: [.toegangTab: "tab"])
            #expect(answer.status == .ok)
        }
    }

    @Test("delivered names lie sealed, come under a new key by themselves, and a missing key is named")
    func sealed() async throws {
        try await Fixture.run { fixture in
            fixture.neighbours.state.withLock { $0.lastName = nil }
            let row = try Self.holder()
            #expect(try await fixture.take([row], "non-care-providers") == [.waits])
            let plain = try await Self.count(
                "SELECT count(*) FROM waiting_dossier WHERE position('Peeters'::bytea IN last_name) > 0", fixture)
            #expect(plain == 0)
            func config(_ key: SealingKey) throws -> ProfileResolutionConfig {
                ProfileResolutionConfig(
                    mandateRegistryURL: fixture.issuer.issuer, formKey: fixture.config.formKey, nameKey: key)
            }
            let assembly = try await ProfileResolutionService.make(
                try config(try Fixture.nameKey("2")), fixture.base)
            let housekeeping = try #require(assembly.services.compactMap { $0 as? Housekeeping }.first)
            await housekeeping.once()
            #expect(try await Self.count("SELECT count(*) FROM waiting_dossier WHERE key_id = '2'", fixture) == 1)
            let lone = try #require(SealingKey(currentID: "1", keys: ["1": Array(repeating: 5, count: 32)]))
            let check = try ProfileResolutionService.storedKeyCheck(try config(lone), fixture.base)
            let unknown = try await fixture.database.read { session in try check(session) }
            #expect(unknown.count == 1 && unknown.first?.contains("waiting_dossier.last_name") == true)
            try await Self.signsIn(try Self.person(of: row, fixture), fixture)
            #expect(try await Self.waiting(fixture) == 0)
        }
    }
}
