import AuditTrail
import Imports
import OrganisationRightsDomain
import Postgres
import Vocabulary
import Waiting

/// Takes in a file of access managers, as the register of enterprises names them: by number and last name, so that a typing
/// error opens no organisation to a stranger.
struct ImportAccessManagers: ImportHandler {
    static let columns = ["kbo_number", "national_number", "last_name", "role", "status"]

    let work: ImportWork
    let persons: Persons
    let names: NameSeal

    private enum Status: String {
        case active, ended
    }

    private struct Entry {
        let organisation: EnterpriseNumber
        let number: NationalNumber
        let lastName: LastName
        let role: AccessManager.Role
        let status: Status
    }

    func take(_ rows: [ImportRow], tell: (ImportVerdict) -> Void) async throws {
        try await work.withPersons(
            rows, persons, tell, read: read, number: \.number, defect: defect,
            apply: { entry, holder in
                switch entry.status {
                case .active: try await appoint(holder, entry)
                case .ended: try await end(holder, entry)
                }
            })
    }

    /// What speaks against an entry whoever is appointed: nobody is made a person for it.
    private func defect(_ entry: Entry, in session: borrowing Session) throws -> String? {
        guard let organisation = try OrganisationStore.find(entry.organisation, in: session) else {
            return ImportWork.unknownOrganisation
        }
        guard entry.status == .active else { return nil }
        let nobody = PersonID(work.acts.newID())
        return mayAppoint(
            nobody, as: entry.role, in: organisation, known: nil, by: .register, newID: RightID(work.acts.newID())
        ).refusal.map(RowDefect.text)
    }

    private func appoint(_ holder: Persons.Holder, _ entry: Entry) async throws -> ImportVerdict {
        let newID = RightID(work.acts.newID())
        return try await work.row { session, act in
            guard let organisation = try OrganisationStore.hold(entry.organisation, in: session) else {
                return .refused(ImportWork.unknownOrganisation)
            }
            let facts = try facts(holder, in: organisation.id, in: session)
            let decision = mayReport(
                holder.person, as: entry.role, to: entry.lastName, known: facts, in: organisation, at: act.time,
                newID: newID)
            switch decision {
            case .refused(let refusal): return .refused(RowDefect.text(refusal))
            case .allowed(.waitsOn(let waiting)):
                try WaitingAppointmentStore.prolong(waiting, in: session)
                return .waitsOn
            case .allowed(.waits(let waiting, let replaced)):
                if let replaced { try WaitingAppointmentStore.table.remove(replaced.uuid, in: session) }
                try WaitingAppointmentStore.insert(
                    waiting, sealedName: try names.seal(waiting.lastName, of: waiting.id), at: act.time, in: session)
                return .quiet(
                    .appointAccessManager, organisation: organisation.id, person: holder.person, .waits)
            case .allowed(.reported(let outcome)):
                if let waiting = facts.waiting {
                    try WaitingAppointmentStore.table.remove(waiting.id.uuid, in: session)
                }
                guard case .appointed(let manager) = outcome else { return .unchanged }
                try AccessManagerStore.save(manager, at: act.time, in: session)
                return .written(
                    manager.appointed, .appointAccessManager, organisation: organisation.id,
                    person: holder.person, isNew: facts.appointment == nil)
            }
        }
    }

    private func end(_ holder: Persons.Holder, _ entry: Entry) async throws -> ImportVerdict {
        try await work.row { session, act in
            guard let organisation = try OrganisationStore.hold(entry.organisation, in: session) else {
                return .refused(ImportWork.unknownOrganisation)
            }
            let facts = try facts(holder, in: organisation.id, in: session)
            guard let report = mayEndAppointment(of: entry.lastName, known: facts) else {
                return .refused("nobody of this number and last name manages this organisation, or did")
            }
            if let waiting = report.withdrawn { try WaitingAppointmentStore.table.remove(waiting.uuid, in: session) }
            if let manager = report.ended {
                try AccessManagerStore.end(manager, at: act.time, in: session)
                return .written(
                    manager.ended, .endAccessManager, organisation: organisation.id,
                    person: holder.person, isNew: false)
            }
            return report.changesNothing
                ? .unchanged
                : .quiet(.endAccessManager, organisation: organisation.id, person: holder.person, .changed)
        }
    }

    private func facts(
        _ holder: Persons.Holder, in organisation: OrganisationID, in session: borrowing Session
    ) throws -> AppointeeFacts {
        AppointeeFacts(
            lastName: holder.lastName,
            appointment: try AccessManagerStore.lock(holder.person, in: organisation, in: session),
            managedBefore: try AccessManagerStore.hasManaged(holder.person, in: organisation, in: session),
            waiting: try WaitingAppointmentStore.lock(holder.person, in: organisation, in: session)
                .map { try $0.opened(with: names) })
    }

    private func read(_ row: ImportRow) throws(RowDefect) -> Entry {
        guard let role = AccessManager.Role(rawValue: row["role"]) else {
            throw RowDefect("role must be chief-access-manager or access-manager")
        }
        guard let status = Status(rawValue: row["status"]) else { throw RowDefect("status must be active or ended") }
        return Entry(
            organisation: try RowDefect.kboNumber(row["kbo_number"]),
            number: try RowDefect.nationalNumber(row["national_number"], today: work.acts.today()),
            lastName: try RowDefect.lastName(row["last_name"]), role: role, status: status)
    }
}
