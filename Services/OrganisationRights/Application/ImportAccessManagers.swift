import Imports
import OrganisationRightsDomain
import Postgres
import Vocabulary

/// Takes in a file of access managers, as the register of enterprises names them.
struct ImportAccessManagers: ImportHandler {
    static let columns = ["kbo_number", "national_number", "role"]

    let work: ImportWork
    let persons: Persons

    private struct Entry {
        let organisation: EnterpriseNumber
        let number: NationalNumber
        let role: AccessManager.Role
    }

    func take(_ rows: [ImportRow], tell: (ImportVerdict) -> Void) async throws {
        try await work.withPersons(
            rows, persons, tell, read: read, number: \.number, defect: defect,
            apply: { entry, holder in try await appoint(holder.person, entry) })
    }

    /// What speaks against an entry whoever is appointed: nobody is made a person for it.
    private func defect(_ entry: Entry, in session: borrowing Session) throws -> String? {
        guard let organisation = try OrganisationStore.find(entry.organisation, in: session) else {
            return ImportWork.unknownOrganisation
        }
        let nobody = PersonID(work.acts.newID())
        return mayAppoint(
            nobody, as: entry.role, in: organisation, known: nil, by: .register, newID: RightID(work.acts.newID())
        ).refusal.map(RowDefect.text)
    }

    private func appoint(_ person: PersonID, _ entry: Entry) async throws -> ImportVerdict {
        let newID = RightID(work.acts.newID())
        let (number, role) = (entry.organisation, entry.role)
        return try await work.row { session, act in
            guard let organisation = try OrganisationStore.hold(number, in: session) else {
                return .refused(ImportWork.unknownOrganisation)
            }
            let known = try AccessManagerStore.hold(person, in: organisation.id, in: session)
            let decision = mayAppoint(
                person, as: role, in: organisation, known: known, by: .register, newID: newID)
            switch decision {
            case .refused(let refusal): return .refused(RowDefect.text(refusal))
            case .allowed(.unchanged): return .unchanged
            case .allowed(.appointed(let manager)):
                try AccessManagerStore.save(manager, at: act.time, in: session)
                return .written(
                    manager.appointed, .appointAccessManager, organisation: organisation.id,
                    person: person, isNew: known == nil)
            }
        }
    }

    private func read(_ row: ImportRow) throws(RowDefect) -> Entry {
        guard let role = AccessManager.Role(rawValue: row["role"]) else {
            throw RowDefect("role must be chief-access-manager or access-manager")
        }
        return Entry(
            organisation: try RowDefect.kboNumber(row["kbo_number"]),
            number: try RowDefect.nationalNumber(row["national_number"], today: work.acts.today()), role: role)
    }
}
