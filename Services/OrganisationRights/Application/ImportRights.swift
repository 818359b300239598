import AuditTrail
import Imports
import OrganisationRightsDomain
import Postgres
import Vocabulary
import Waiting

/// Takes in a file of rights that were given elsewhere.
struct ImportRights: ImportHandler {
    static let columns = ["kbo_number", "national_number", "last_name", "role", "start_date", "end_date"]

    let work: ImportWork
    let persons: Persons
    let names: NameSeal
    let catalogue: RoleCatalogue

    private struct Entry {
        let organisation: EnterpriseNumber
        let number: NationalNumber
        let lastName: LastName
        let role: String
        let period: Period
    }

    func take(_ rows: [ImportRow], tell: (ImportVerdict) -> Void) async throws {
        try await work.withPersons(
            rows, persons, tell, read: read, number: \.number, defect: defect,
            apply: { entry, holder in try await report(entry, holder) })
    }

    /// What speaks against an entry whoever gets the right: nobody is made a person for it.
    private func defect(_ entry: Entry, in session: borrowing Session) throws -> String? {
        guard let organisation = try OrganisationStore.find(entry.organisation, in: session) else {
            return ImportWork.unknownOrganisation
        }
        return mayGive(
            role: entry.role, period: entry.period, in: organisation, by: .register, catalogue: catalogue,
            on: work.acts.today()
        ).refusal.map(RowDefect.text)
    }

    private func report(_ entry: Entry, _ holder: Persons.Holder) async throws -> ImportVerdict {
        let newID = RightID(work.acts.newID())
        let request = RightRequest(person: holder.person, role: entry.role, period: entry.period)
        return try await work.row { session, act in
            guard let organisation = try OrganisationStore.hold(entry.organisation, in: session) else {
                return .refused(ImportWork.unknownOrganisation)
            }
            let known = HolderFacts(
                lastName: holder.lastName,
                rights: try RightStore.rights(
                    of: holder.person, role: request.role, in: organisation.id, locking: true, in: session),
                waiting: try WaitingRightStore.hold(
                    for: holder.person, role: request.role, in: organisation.id, in: session
                ).compactMap { try $0.opened(with: names) })
            let decision = mayReport(
                request, to: entry.lastName, known: known, in: organisation, catalogue: catalogue,
                on: act.day, at: act.time, newID: newID)
            switch decision {
            case .refused(let refusal): return .refused(RowDefect.text(refusal))
            case .allowed(.waitsAlready): return .waitsOn
            case .allowed(.waits(let waiting)):
                try WaitingRightStore.insert(
                    waiting, sealedName: try names.seal(waiting.lastName, of: waiting.id),
                    maskedNumber: entry.number.masked, by: nil, at: act.time, in: session)
                return .quiet(.giveRight, organisation: organisation.id, person: holder.person, .waits)
            case .allowed(.reported(let outcome)):
                return try write(outcome, entry.number.masked, at: act.time, in: session)
            }
        }
    }

    private func write(
        _ outcome: ReportOutcome, _ masked: String, at now: Instant, in session: borrowing Session
    ) throws -> RowOutcome {
        let right: Right
        switch outcome {
        case .unchanged: return .unchanged
        case .given(let given):
            try RightStore.insert(given, maskedNumber: masked, by: nil, at: now, in: session)
            right = given
        case .changed(let changed):
            try RightStore.update(changed, by: nil, in: session)
            right = changed
        }
        return .written(
            right.given, .giveRight, organisation: right.organisation, person: right.person,
            isNew: right.version == 1)
    }

    private func read(_ row: ImportRow) throws(RowDefect) -> Entry {
        let organisation = try RowDefect.kboNumber(row["kbo_number"])
        let number = try RowDefect.nationalNumber(row["national_number"], today: work.acts.today())
        guard let start = LocalDate(row["start_date"]) else {
            throw RowDefect("start_date must be a date such as 2026-01-31")
        }
        var end: LocalDate?
        if let text = row.optional("end_date") {
            end = LocalDate(text)
            if end == nil { throw RowDefect("end_date must be empty or a date such as 2026-12-31") }
        }
        guard let period = Period(start: start, end: end) else {
            throw RowDefect("end_date lies before start_date")
        }
        return Entry(
            organisation: organisation, number: number, lastName: try RowDefect.lastName(row["last_name"]),
            role: row["role"], period: period)
    }
}
