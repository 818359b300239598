package import AuditTrail
import AuthenticationContracts
package import Imports
import MandateRegistryDomain
import Vocabulary

/// `import mandates`: rows of delivered mandates, each taken whole or refused with its reason.
///
/// A verdict never repeats what stands in the row: it may hold a national number.
package struct MandateImport: ImportHandler {
    static let columns = [
        "grantor_national_number", "grantor_profession", "holder_national_number", "holder_kbo_number",
        "mandate_type", "start_date", "end_date",
    ]
    /// Each row names at most two persons, and a hundred can be resolved at a time.
    static let chunkSize = 50

    private let acts: Acts
    /// The same for all rows of one run of the command.
    private let run: String
    private let persons: any PersonResolver
    private let take: ImportMandates

    package init(acts: Acts, persons: any PersonResolver, take: ImportMandates) {
        self.acts = acts
        run = acts.own().requestID
        self.persons = persons
        self.take = take
    }

    package func take(_ rows: [ImportRow], tell: (ImportVerdict) -> Void) async throws {
        let act = acts.own(run: run)
        let today = act.day
        var parsed = rows.map { row in Result { () throws(Defect) in try ParsedRow(row, today: today) } }
        let valid = parsed.compactMap { try? $0.get() }
        // A grantor who is unknown has no dossier; a holder may be somebody who never signed in. Nobody is made a
        // person for a mandate that is refused anyway.
        let grantors = try await resolve(valid.map(\.grantor.digits), .lookUp, act)
        var holders = try await resolve(valid.compactMap(\.holderNumber), .lookUp, act)
        var strangers: [String] = []
        for index in parsed.indices {
            guard case .success(let row) = parsed[index], let number = row.holderNumber, holders[number] == nil,
                let grantor = grantors[row.grantor.digits]
            else { continue }
            let refusal = try await take.refusal(
                grantor: grantor, profession: row.profession, stranger: act.newID(), type: row.type,
                period: row.period, today: today)
            if let refusal {
                parsed[index] = .failure(Defect(text: Self.text(refusal)))
            } else {
                strangers.append(number)
            }
        }
        holders.merge(try await resolve(strangers, .getOrCreate, act)) { known, _ in known }
        for row in parsed {
            switch row {
            case .failure(let defect): tell(.refused(defect.text))
            case .success(let row):
                tell(try await verdict(row, grantor: grantors[row.grantor.digits], holders: holders))
            }
        }
    }

    private func verdict(
        _ row: ParsedRow, grantor: PersonID?, holders: [String: PersonID]
    ) async throws -> ImportVerdict {
        guard let grantor else { return .refused(Self.text(.dossierUnknown)) }
        let holder: ImportMandates.NamedHolder
        switch row.holder {
        case .enterprise(let number): holder = .enterprise(number)
        case .person(let number):
            guard let person = holders[number.digits] else {
                return .refused("holder_national_number: authentication-service does not accept it")
            }
            holder = .person(person)
        }
        let outcome = try await take(
            grantor: grantor, profession: row.profession, holder: holder, type: row.type, period: row.period,
            acts.own(run: run))
        return switch outcome {
        case .allowed(.added): .added
        case .allowed(.unchanged): .unchanged
        case .refused(let refusal): .refused(Self.text(refusal))
        }
    }

    private func resolve(
        _ numbers: [String], _ mode: ResolvePersonsRequest.Mode, _ act: ProgramAct
    ) async throws -> [String: PersonID] {
        let unique = Array(Set(numbers))
        guard !unique.isEmpty else { return [:] }
        let found = try await persons.resolve(unique, mode, origin: act.origin)
        return Dictionary(uniqueKeysWithValues: zip(unique, found)).compactMapValues { $0 }
    }

    private static func text(_ refusal: Refusal) -> String {
        refusal.codes.map(text).joined(separator: "; ")
    }

    /// Why a mandate is not taken, for the person who delivered it.
    private static func text(_ code: ReasonCode) -> String {
        switch code {
        case .dossierUnknown:
            "the grantor has no dossier in this profession yet; import care providers first and wait for their events"
        case .factsUnknown: "what is known of the grantor's dossier may be out of date; import this row again later"
        case .mandateNeedsRizivNumber: "the grantor has no RIZIV number, which every type of mandate needs"
        case .mandateToOneself: "grantor and holder are the same person"
        case .organisationUnannounced:
            "holder_kbo_number: no organisation with this number was announced yet; import organisations first"
        case .organisationStopped: "the holding organisation has stopped"
        case .mandateExpired: "the last day is past"
        case .mandateOverlaps: "a mandate of this type between the same two holds on some of these days already"
        default: code.rawValue
        }
    }
}

/// What is wrong with a row in itself.
struct Defect: Error {
    let text: String
}

/// A row whose fields are well formed.
struct ParsedRow: Sendable {
    enum Holder: Sendable {
        case person(NationalNumber)
        case enterprise(EnterpriseNumber)
    }
    let grantor: NationalNumber
    let profession: Profession
    let holder: Holder
    let type: MandateType
    let period: Period

    var holderNumber: String? { if case .person(let number) = holder { number.digits } else { nil } }

    init(_ row: ImportRow, today: LocalDate) throws(Defect) {
        grantor = try Self.nationalNumber(row, "grantor_national_number", today)
        guard let profession = Profession(code: row["grantor_profession"]) else {
            throw Defect(text: "grantor_profession: is not in the catalogue of professions")
        }
        self.profession = profession
        switch (row.optional("holder_national_number"), row.optional("holder_kbo_number")) {
        case (_?, nil):
            holder = .person(try Self.nationalNumber(row, "holder_national_number", today))
        case (nil, let number?):
            guard let valid = try? EnterpriseNumber(number) else {
                throw Defect(text: "holder_kbo_number: is not a valid enterprise number")
            }
            holder = .enterprise(valid)
        default:
            throw Defect(text: "give either holder_national_number or holder_kbo_number")
        }
        guard let type = MandateType(rawValue: row["mandate_type"]) else {
            let types = MandateType.allCases.map(\.rawValue).joined(separator: " or ")
            throw Defect(text: "mandate_type: must be \(types)")
        }
        self.type = type
        guard let start = LocalDate(row["start_date"]) else {
            throw Defect(text: "start_date: must be a day such as 2026-01-31")
        }
        let end = row.optional("end_date").map { LocalDate($0) }
        if case .some(nil) = end { throw Defect(text: "end_date: must be empty or a day such as 2026-01-31") }
        guard let period = Period(start: start, end: end ?? nil) else {
            throw Defect(text: "end_date: is before start_date")
        }
        self.period = period
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
