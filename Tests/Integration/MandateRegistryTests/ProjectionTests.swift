import AuthenticationContracts
import ContractCore
import Following
import FoundationEssentials
import MandateRegistry
import MandateRegistryContracts
import MandateRegistryDomain
import OrganisationRightsContracts
import Postgres
import Process
import ProfileResolutionContracts
import TestEvents
import Testing
import Vocabulary

@Suite("What is kept of others' facts")
struct ProjectionTests {
    @Test("a dossier that is suspended ends its contexts; opened again it can be opened anew")
    func dossiers() async throws {
        try await RegistryFixture.with { fixture in
            let (grantor, holder, id) = (PersonID(UUID()), PersonID(UUID()), DossierID(UUID()))
            func announce(_ version: Int64, _ state: DossierState) async throws -> Handled {
                try await fixture.project(
                    .profileResolution, CareProviderDossierState.changed, key: id.uuid, version: version,
                    CareProviderDossierState(
                        dossierId: id, version: version, personId: grantor,
                        profession: try Profession(code: "persphysician").orThrow(), firstName: "An",
                        lastName: "Peeters", rizivNumber: try RizivNumber(TestNumbers.riziv(1)), state: state))
            }
            #expect(try await announce(1, .open) == .applied)
            let dossier = GrantorDossier(
                id: id, version: 1, person: grantor, lastName: "Peeters",
                profession: try Profession(code: "persphysician").orThrow(), state: .open, hasRizivNumber: true)
            _ = try await fixture.mandate(from: dossier, to: .person(holder))
            let subject = try fixture.personToken(holder)
            let context = try await fixture.open(id, subject: subject)
            #expect(try await announce(2, .suspended) == .applied)
            #expect(try await !fixture.introspect(context).active)
            #expect(try await fixture.exchange(id, subject: subject).reasons == ["dossier.suspended"])
            #expect(try await announce(1, .open) == .stale, "an older event changes nothing")
            #expect(try await fixture.exchange(id, subject: subject).reasons == ["dossier.suspended"])
            #expect(try await announce(3, .open) == .applied)
            #expect(try await fixture.exchange(id, subject: subject).status == 200)
            #expect(try await !fixture.introspect(context).active, "what has ended stays ended")
        }
    }

    @Test("a right that ends, or an organisation that stops, ends the contexts of its executors")
    func rights() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            for endsRight in [true, false] {
                let (executor, id, right) = (PersonID(UUID()), OrganisationID(UUID()), RightID(UUID()))
                func announce(_ version: Int64, _ status: OrganisationStatus) async throws {
                    _ = try await fixture.project(
                        .organisationRights, OrganisationState.registered, key: id.uuid, version: version,
                        OrganisationState(
                            organisationId: id, version: version,
                            enterpriseNumber: try EnterpriseNumber(TestNumbers.enterprise(7)), rizivNumber: nil,
                            name: "Ziekenhuis", type: try OrganisationType.catalogue.first.orThrow(),
                            status: status))
                }
                func announceRight(_ version: Int64, _ status: RightStatus) async throws {
                    _ = try await fixture.project(
                        .organisationRights, status == .active ? RightState.given : RightState.ended,
                        key: right.uuid, version: version,
                        RightState(
                            rightId: right, version: version, organisationId: id, personId: executor,
                            role: OrganisationStanding.executorRole, status: status,
                            startsOn: fixture.today.adding(days: -1), endsOn: nil,
                            endedAt: status == .ended ? fixture.clock.now() : nil))
                }
                try await announce(1, .active)
                try await announceRight(1, .active)
                _ = try await fixture.mandate(from: dossier, to: .organisation(id))
                let subject = try fixture.personToken(executor, .organisation(id))
                let context = try await fixture.open(dossier.id, subject: subject)
                #expect(try await fixture.introspect(context).active)
                if endsRight { try await announceRight(2, .ended) } else { try await announce(2, .stopped) }
                #expect(try await !fixture.introspect(context).active)
                let reason = endsRight ? "right.role-missing" : "organisation.stopped"
                #expect(try await fixture.exchange(dossier.id, subject: subject).reasons == [reason])
            }
        }
    }

    @Test("a session that ends, ends what was opened in it, and nothing is opened in it any more")
    func sessions() async throws {
        try await RegistryFixture.with { fixture in
            let dossier = try await fixture.dossier()
            let (holder, session) = (PersonID(UUID()), SessionID(UUID()))
            _ = try await fixture.mandate(from: dossier, to: .person(holder))
            let subject = try fixture.personToken(holder, session: session)
            let context = try await fixture.open(dossier.id, subject: subject)
            let other = try await fixture.open(dossier.id, subject: try fixture.personToken(holder))
            let handled = try await fixture.project(
                .authentication, SessionState.ended, key: session.uuid, version: 2,
                SessionState(
                    sessionId: session, version: 2, personId: holder, acr: 400, startedAt: fixture.clock.now(),
                    endedAt: fixture.clock.now(), endReason: .signedOut))
            #expect(handled == .applied)
            #expect(try await !fixture.introspect(context).active)
            #expect(try await fixture.introspect(other).active)
            let refused = try await fixture.exchange(dossier.id, subject: subject)
            #expect(refused.status == 403)
            #expect(try refused.reasons == ["session.ended"])
        }
    }

    @Test("events of no concern are taken in, and unknown ones are told apart")
    func others() async throws {
        try await RegistryFixture.with { (fixture: RegistryFixture) async throws in
            let id = DossierID(UUID())
            let function = FunctionHolderDossierState(
                dossierId: id, version: 1, personId: PersonID(UUID()), function: "director",
                organisationName: "Groepering", state: .open)
            #expect(
                try await fixture.project(
                    .profileResolution, FunctionHolderDossierState.registered, key: id.uuid, version: 1, function)
                    == .applied)
            #expect(
                try await fixture.project(
                    .profileResolution, "care-provider.invented", key: id.uuid, version: 1, function) == .unknownType)
            #expect(try await fixture.count("SELECT count(*) FROM grantor_dossier") == 0)
        }
    }
}

extension RegistryFixture {
    /// Hands an event to the service's projection of its source, in a transaction as the runner does.
    func project(
        _ source: EventSource, _ type: String, key: UUID, version: Int64, _ data: some Encodable & Sendable
    ) async throws -> Handled {
        let attributes = EventAttributes(
            id: EventID(base.newID()), type: type, source: source, environment: .test,
            subject: "aggregate/\(key)", time: clock.now(), dataVersion: 1, key: key, sequence: version, previous: nil,
            aggregateVersion: version,
            trace: TraceContext(high: 1, low: 1, span: 1, sampled: false), correlationID: "test", causationID: nil)
        let envelope = try JSONEncoder().encode(EventEnvelope(attributes: attributes, data: data))
        let event = try IncomingEvent(partition: EventPartition.of(key), rawData: Array(envelope))
        let projection = try projections.first { $0.source == source }.orThrow()
        return try await database.transaction { session in try projection.handler(event, session) }
    }
}
