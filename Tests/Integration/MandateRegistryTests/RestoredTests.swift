import ContractCore
import EventOutbox
import Following
import FoundationEssentials
import MandateRegistry
import MandateRegistryContracts
import MandateRegistryDomain
import Postgres
import Process
import ProfileResolutionContracts
import TestEvents
import Testing
import Vocabulary
import Web

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

    /// What others had been told of a mandate.
    private func told(
        _ mandate: Mandate, version: Int64, type: String = MandateState.activated,
        _ end: (MandateStatus, Instant)? = nil
    ) throws -> ToldAggregate {
        let data = MandateState(
            mandateId: mandate.id, version: version, grantorPersonId: mandate.terms.grantor.person,
            grantorDossierId: mandate.terms.grantor.dossier, holder: mandate.terms.holder.announced,
            type: mandate.terms.type, status: end?.0 ?? .active, startsOn: mandate.terms.period.start,
            endsOn: mandate.terms.period.end, endedAt: end?.1)
        let attributes = EventAttributes(
            id: EventID(UUID()), type: type, source: .mandateRegistry, environment: .test,
            subject: "mandate/\(mandate.id)", time: Instant(secondsSinceEpoch: 0), dataVersion: 1, key: mandate.id.uuid,
            sequence: 9, previous: EventID(UUID()), aggregateVersion: version,
            trace: TraceContext(high: 1, low: 1, span: 1, sampled: false), correlationID: "test", causationID: nil)
        let bytes = try JSONEncoder().encode(EventEnvelope(attributes: attributes, data: data))
        return ToldAggregate(
            kind: "mandate", key: mandate.id.uuid, version: version, envelope: String(decoding: bytes, as: UTF8.self))
    }

    @Test(
        "a mandate that others knew to have ended has ended, whatever the backup says of it",
        arguments: [MandateStatus.stopped, .renounced, .expired])
    func staysEnded(_ status: MandateStatus) async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let holder = PersonID(UUID())
            let mandate = try await fixture.mandate(from: dossier, to: .person(holder))
            let subject = try fixture.personToken(holder)
            #expect(try await fixture.exchange(dossier.id, subject: subject).status == 200)
            let at = Instant(secondsSinceEpoch: 1_700_000_000)
            let told = try told(mandate, version: 7, type: "mandate.\(status.rawValue)", (status, at))
            let draft = try await fixture.database.transaction { session in
                try RestateMandates.restate(told, in: session)
            }
            #expect(draft?.version == 8)
            let state = try #require(draft?.data as? MandateState)
            #expect(state.status == status)
            #expect(state.endedAt == at)
            #expect(try await fixture.exchange(dossier.id, subject: subject).status != 200)
        }
    }

    @Test("while the registry may not decide by its own mandates nobody acts on a dossier, and afterwards as before")
    func inDoubt() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let holder = PersonID(UUID())
            _ = try await fixture.mandate(from: dossier, to: .person(holder))
            let subject = try fixture.personToken(holder)
            let context = try await fixture.open(dossier.id, subject: subject)
            fixture.base.ownFacts.decide(false)
            #expect(try await fixture.exchange(dossier.id, subject: subject).status == 503)
            await #expect(throws: (any Error).self) { try await fixture.introspect(context) }
            fixture.base.ownFacts.decide(true)
            #expect(try await fixture.exchange(dossier.id, subject: subject).status == 200)
            #expect(try await fixture.introspect(context).active)
        }
    }

    @Test("a mandate gets a version over what was told of it, and one that does not exist is taken back")
    func restated() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let mandate = try await fixture.mandate(from: dossier, to: .person(PersonID(UUID())))
            let told = try told(mandate, version: 7)
            let draft = try await fixture.database.transaction { session in
                try RestateMandates.restate(told, in: session)
            }
            #expect(draft?.type == MandateState.restated)
            #expect(draft?.version == 8)
            #expect(try await fixture.count("SELECT version FROM mandate WHERE id = \(mandate.id)") == 8)
            let unknown = ToldAggregate(kind: "mandate", key: UUID(), version: 3, envelope: "")
            let none = try await fixture.database.transaction { session in
                try RestateMandates.restate(unknown, in: session)
            }
            #expect(none == nil)
            #expect(unknown.voided.type == MandateState.voided)
            #expect(unknown.voided.version == 4)
        }
    }
}
