import ContractCore
import EventOutbox
import Following
import FoundationEssentials
import MandateRegistry
import MandateRegistryContracts
import MandateRegistryDomain
import Postgres
import ProfileResolutionContracts
import Testing
import Vocabulary

@Suite("After a restore from a backup")
struct RestoredTests {
    @Test("a dossier that is taken back is gone with its contexts, and the same facts can be entered under another id")
    func voided() async throws {
        try await RegistryFixture.with { fixture in
            let holder = PersonID(UUID())
            let dossier = try await fixture.dossier()
            _ = try await fixture.mandate(from: dossier, to: .person(holder))
            let subject = try fixture.personToken(holder)
            let context = try await fixture.open(dossier.id, subject: subject)
            let version = dossier.version + 1
            func takeBack(_ version: Int64) async throws -> Handled {
                try await fixture.project(
                    .profileResolution, CareProviderDossierState.voided, key: dossier.id.uuid, version: version,
                    VoidedState(id: Identifier(dossier.id.uuid), version: version))
            }
            #expect(try await takeBack(version) == .applied)
            #expect(try await !fixture.introspect(context).active)
            #expect(try await fixture.count("SELECT count(*) FROM grantor_dossier WHERE id = \(dossier.id)") == 0)
            #expect(try await takeBack(version) == .stale)
            #expect(try await fixture.exchange(dossier.id, subject: subject).status != 200)
        }
    }

    @Test("a mandate gets a version over what was told of it, and one that does not exist is taken back")
    func restated() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let mandate = try await fixture.mandate(from: dossier, to: .person(PersonID(UUID())))
            let told = ToldAggregate(kind: "mandate", key: mandate.id.uuid, version: 7)
            let draft = try await fixture.database.transaction { session in
                try RestateMandates.restate(told, in: session)
            }
            #expect(draft?.type == MandateState.restated)
            #expect(draft?.version == 8)
            #expect(try await fixture.count("SELECT version FROM mandate WHERE id = \(mandate.id)") == 8)
            let unknown = ToldAggregate(kind: "mandate", key: UUID(), version: 3)
            let none = try await fixture.database.transaction { session in
                try RestateMandates.restate(unknown, in: session)
            }
            #expect(none == nil)
            #expect(unknown.voided.type == MandateState.voided)
            #expect(unknown.voided.version == 4)
        }
    }
}
