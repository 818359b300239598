import Imports
import MandateRegistryDomain
import Vocabulary

/// What is wrong with a row in itself.
struct Defect: Error {
    let text: String
}

/// A row whose fields are well formed.
struct DeliveredRow: Sendable {
    enum Holder: Sendable {
        case person(NationalNumber, LastName)
        case enterprise(EnterpriseNumber)
    }

    /// Whether the mandate holds, or which party has ended it.
    enum Status: String, CaseIterable, Sendable {
        case active, stopped, renounced

        /// Who ended it; nobody while it holds.
        var endedBy: Mandate.Party? {
            switch self {
            case .active: nil
            case .stopped: .grantor
            case .renounced: .holder
            }
        }
    }

    let grantor: NationalNumber
    let grantorName: LastName
    let profession: Profession
    let holder: Holder
    let type: MandateType
    let period: Period
    let status: Status

    /// The holder's national number; nothing for an organisation.
    var holderNumber: String? { if case .person(let number, _) = holder { number.digits } else { nil } }

    /// The national numbers of the row.
    var numbers: [String] { [grantor.digits] + (holderNumber.map { [$0] } ?? []) }

    /// The row with the persons of its numbers; nothing when a natural person is to hold the mandate and there is none.
    func delivery(from grantor: PersonID, to person: PersonID?, called known: String?) -> ImportMandates.Delivery? {
        let named: ImportMandates.NamedHolder
        switch holder {
        case .enterprise(let number): named = .enterprise(number)
        case .person(_, let lastName):
            guard let person else { return nil }
            named = .person(person, lastName, known: known)
        }
        return ImportMandates.Delivery(
            grantor: grantor, grantorName: grantorName, profession: profession, holder: named, type: type,
            period: period)
    }

    init(_ row: ImportRow, today: LocalDate) throws(Defect) {
        grantor = try Self.nationalNumber(row, "grantor_national_number", today)
        grantorName = try Self.lastName(row, "grantor_last_name")
        guard let profession = Profession(code: row["grantor_profession"]) else {
            throw Defect(text: "grantor_profession: is not in the catalogue of professions")
        }
        self.profession = profession
        holder = try Self.holder(row, today)
        guard let type = MandateType(rawValue: row["mandate_type"]) else {
            let types = MandateType.allCases.map(\.rawValue).joined(separator: " or ")
            throw Defect(text: "mandate_type: must be \(types)")
        }
        self.type = type
        period = try Self.period(row)
        guard let status = Status(rawValue: row["status"]) else {
            throw Defect(text: "status: must be \(Status.allCases.map(\.rawValue).joined(separator: " or "))")
        }
        self.status = status
    }

    private static func holder(_ row: ImportRow, _ today: LocalDate) throws(Defect) -> Holder {
        switch (row.optional("holder_national_number"), row.optional("holder_kbo_number")) {
        case (_?, nil):
            return .person(
                try nationalNumber(row, "holder_national_number", today), try lastName(row, "holder_last_name"))
        case (nil, let number?):
            guard let valid = try? EnterpriseNumber(number) else {
                throw Defect(text: "holder_kbo_number: is not a valid enterprise number")
            }
            guard row.optional("holder_last_name") == nil else {
                throw Defect(text: "holder_last_name: must be empty when the holder is an organisation")
            }
            return .enterprise(valid)
        default:
            throw Defect(text: "give either holder_national_number or holder_kbo_number")
        }
    }

    private static func period(_ row: ImportRow) throws(Defect) -> Period {
        guard let start = LocalDate(row["start_date"]) else {
            throw Defect(text: "start_date: must be a day such as 2026-01-31")
        }
        let end = row.optional("end_date").map { LocalDate($0) }
        if case .some(nil) = end { throw Defect(text: "end_date: must be empty or a day such as 2026-01-31") }
        guard let period = Period(start: start, end: end ?? nil) else {
            throw Defect(text: "end_date: is before start_date")
        }
        return period
    }

    private static func lastName(_ row: ImportRow, _ column: String) throws(Defect) -> LastName {
        do { return try LastName(row[column]) } catch {
            throw Defect(
                text: "\(column): must have 1 to 100 characters, and no control or direction characters")
        }
    }

    private static func nationalNumber(
        _ row: ImportRow, _ column: String, _ today: LocalDate
    ) throws(Defect) -> NationalNumber {
        guard let number = try? NationalNumber(row[column], today: today) else {
            throw Defect(text: "\(column): is not a valid national number")
        }
        return number
    }
}
