import FoundationEssentials
import OrganisationRightsDomain
import Testing
import Vocabulary

/// Appointments that are delivered for a number and a name, when they begin, and when they end.
@Suite("Appointments that wait")
struct WaitingAppointmentTests {
    private let now = Instant(secondsSinceEpoch: 1_790_000_000)
    private let person = PersonID(UUID())
    private let newID = RightID(UUID())
    private let delivered: LastName

    init() throws { delivered = try LastName("De Smet") }

    private func organisation(_ status: Organisation.Status = .active) throws -> Organisation {
        let numbers = try #require(Organisation.Numbers(enterprise: try EnterpriseNumber("1999902250"), riziv: nil))
        return Organisation(
            id: OrganisationID(UUID()), version: 1,
            description: .init(
                numbers: numbers, name: "Ziekenhuis", type: try #require(OrganisationType(code: "orghospital")),
                status: status))
    }

    private func manager(in organisation: Organisation, _ role: AccessManager.Role = .chief) -> AccessManager {
        AccessManager(id: RightID(UUID()), version: 4, organisation: organisation.id, person: person, role: role)
    }

    private func waiting(
        in organisation: Organisation, _ role: AccessManager.Role = .chief, name: String = "De Smet"
    ) throws -> WaitingAppointment {
        WaitingAppointment(
            id: RightID(UUID()), organisation: organisation.id, person: person, role: role,
            lastName: try LastName(name), until: now.adding(.seconds(10)))
    }

    private func report(_ facts: AppointeeFacts, in organisation: Organisation) -> Decision<AppointReport> {
        mayReport(person, as: .chief, to: delivered, known: facts, in: organisation, at: now, newID: newID)
    }

    @Test("what is known of a person whose name was not delivered changes nothing in the outcome")
    func blind() throws {
        let organisation = try organisation()
        let waits = [nil, try waiting(in: organisation), try waiting(in: organisation, name: "Vogel")]
        for waiting in waits {
            let strangers = [nil, "Vogel"].flatMap { name in
                [nil, manager(in: organisation), manager(in: organisation, .ordinary)].flatMap { known in
                    [true, false].map {
                        AppointeeFacts(lastName: name, appointment: known, managedBefore: $0, waiting: waiting)
                    }
                }
            }
            let unknown = report(strangers[0], in: organisation)
            #expect(strangers.allSatisfy { report($0, in: organisation) == unknown })
            #expect(Set(strangers.map { mayEndAppointment(of: delivered, known: $0) }).count == 1)
        }
    }

    @Test("a number and name of one person appoint her at once, whatever waits")
    func agrees() throws {
        let organisation = try organisation()
        for waiting in [nil, try waiting(in: organisation)] {
            let facts = AppointeeFacts(
                lastName: "de smet", appointment: nil, managedBefore: true, waiting: waiting)
            let appointed = AccessManager(
                id: newID, version: 1, organisation: organisation.id, person: person, role: .chief)
            #expect(report(facts, in: organisation) == .allowed(.reported(.appointed(appointed))))
        }
    }

    @Test("what was delivered last is what waits; the same again waits on from now")
    func replaces() throws {
        let organisation = try organisation()
        func outcome(_ waiting: WaitingAppointment?) -> AppointReport? {
            report(
                AppointeeFacts(lastName: nil, appointment: nil, managedBefore: false, waiting: waiting),
                in: organisation
            ).grant
        }
        let until = now.adding(WaitingRight.patience)
        func expected(_ id: RightID) -> WaitingAppointment {
            WaitingAppointment(
                id: id, organisation: organisation.id, person: person, role: .chief, lastName: delivered, until: until)
        }
        #expect(outcome(nil) == .waits(expected(newID), replacing: nil))
        for other in [try waiting(in: organisation, .ordinary), try waiting(in: organisation, name: "Smet")] {
            #expect(outcome(other) == .waits(expected(newID), replacing: other.id))
        }
        let same = try waiting(in: organisation, name: "DE SMET")
        #expect(outcome(same) == .waitsOn(expected(same.id)))
    }

    @Test("an end takes the appointment of the person who is called so, and what waits under that name")
    func ends() throws {
        let organisation = try organisation(.stopped)
        let (manager, waiting) = (manager(in: organisation), try waiting(in: organisation))
        func end(
            _ name: String?, _ manager: AccessManager?, before: Bool, _ waiting: WaitingAppointment?
        ) -> EndReport? {
            mayEndAppointment(
                of: delivered,
                known: AppointeeFacts(lastName: name, appointment: manager, managedBefore: before, waiting: waiting))
        }
        let ended = try #require(end("De Smet", manager, before: false, nil))
        #expect(ended.ended?.id == manager.id && ended.ended?.version == 5 && ended.withdrawn == nil)
        #expect(end("Vogel", manager, before: true, nil) == nil)
        #expect(end("De Smet", nil, before: true, nil)?.changesNothing == true)
        #expect(end("De Smet", nil, before: false, nil) == nil)
        let withdrawn = try #require(end("Vogel", manager, before: false, waiting))
        #expect(withdrawn.ended == nil && withdrawn.withdrawn == waiting.id)
    }

    @Test("it begins for her who is called so, once, while the organisation exists and it still waits")
    func begins() throws {
        let organisation = try organisation()
        let waiting = try waiting(in: organisation)
        func begin(
            _ name: String?, in place: Organisation? = nil, _ known: AccessManager? = nil, after: Duration = .zero
        ) -> StartAppointmentOutcome {
            start(waiting, name: name, in: place ?? organisation, known: known, at: now.adding(after))
        }
        let appointed = AccessManager(
            id: waiting.id, version: 1, organisation: organisation.id, person: person, role: .chief)
        #expect(begin("DE SMET") == .appointed(appointed))
        #expect(begin("Vogel") == .waits)
        #expect(begin(nil) == .waits)
        #expect(begin("De Smet", after: .seconds(10)) == .over)
        #expect(begin("De Smet", in: try self.organisation()) == .over)
        #expect(begin("De Smet", manager(in: organisation)) == .over)
        let ordinary = manager(in: organisation, .ordinary)
        let raised = AccessManager(
            id: ordinary.id, version: 5, organisation: organisation.id, person: person, role: .chief)
        #expect(begin("De Smet", ordinary) == .appointed(raised))
    }
}
