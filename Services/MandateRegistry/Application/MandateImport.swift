package import AuditTrail
import AuthenticationContracts
package import Imports
import MandateRegistryDomain
import Vocabulary

/// `import mandates`: rows of delivered mandates, each taken whole or refused with its reason.
///
/// A verdict never repeats what stands in the row: it may hold a national number or a name.
package struct MandateImport: ImportHandler {
    static let columns = [
        "grantor_national_number", "grantor_last_name", "grantor_profession", "holder_national_number",
        "holder_last_name", "holder_kbo_number", "mandate_type", "start_date", "end_date", "status",
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
        var parsed = rows.map { row in Result { () throws(Defect) in try DeliveredRow(row, today: act.day) } }
        let valid = parsed.compactMap { try? $0.get() }
        var persons = KnownPersons()
        try await resolve(valid.flatMap(\.numbers), .lookUp, act, &persons)
        let strangers = try await strangers(among: &parsed, persons, act)
        try await resolve(strangers, .getOrCreate, act, &persons)
        persons.names = try await names(of: valid.compactMap { $0.holderNumber.flatMap { persons.ids[$0] } }, act)
        for row in parsed {
            switch row {
            case .failure(let defect): tell(.refused(defect.text))
            case .success(let row): tell(try await verdict(row, persons))
            }
        }
    }

    /// Who has which number, and is called how.
    private struct KnownPersons {
        var ids: [String: PersonID] = [:]
        var names: [PersonID: String] = [:]
    }

    /// The holders' numbers that nobody has yet.
    ///
    /// Nobody is made a person for a row that is refused anyway, or that ends a mandate; what speaks against a row takes
    /// its place.
    private func strangers(
        among rows: inout [Result<DeliveredRow, Defect>], _ persons: KnownPersons, _ act: ProgramAct
    ) async throws -> [String] {
        var strangers: [String] = []
        for index in rows.indices {
            guard case .success(let row) = rows[index], row.status == .active, let number = row.holderNumber,
                persons.ids[number] == nil, let grantor = persons.ids[row.grantor.digits],
                let delivery = row.delivery(from: grantor, to: act.newID(), called: nil)
            else { continue }
            if let refusal = try await take.refusal(delivery, on: act.day) {
                rows[index] = .failure(Defect(text: Self.text(refusal)))
            } else {
                strangers.append(number)
            }
        }
        return strangers
    }

    private func verdict(_ row: DeliveredRow, _ persons: KnownPersons) async throws -> ImportVerdict {
        let holder = row.holderNumber.flatMap { persons.ids[$0] }
        let delivery = persons.ids[row.grantor.digits].flatMap { grantor in
            row.delivery(from: grantor, to: holder, called: holder.flatMap { persons.names[$0] })
        }
        let act = acts.own(run: run)
        if let party = row.status.endedBy {
            guard let delivery, let verdict = try await take.end(delivery, by: party, act) else {
                return .refused(Self.nothingToEnd)
            }
            return verdict
        }
        guard let delivery else {
            return .refused(
                persons.ids[row.grantor.digits] == nil
                    ? Self.text(.dossierUnknown) : "holder_national_number: authentication-service does not accept it")
        }
        switch try await take(delivery, act) {
        case .allowed(let verdict): return verdict
        case .refused(let refusal): return .refused(Self.text(refusal))
        }
    }

    private func resolve(
        _ numbers: [String], _ mode: ResolvePersonsRequest.Mode, _ act: ProgramAct, _ persons: inout KnownPersons
    ) async throws {
        let unique = Array(Set(numbers))
        guard !unique.isEmpty else { return }
        let found = try await self.persons.resolve(unique, mode, origin: act.origin)
        for (number, person) in zip(unique, found) { persons.ids[number] = person ?? persons.ids[number] }
    }

    private func names(of persons: [PersonID], _ act: ProgramAct) async throws -> [PersonID: String] {
        let unique = Array(Set(persons))
        guard !unique.isEmpty else { return [:] }
        return try await self.persons.lastNames(of: unique, origin: act.origin)
    }

    private static let nothingToEnd =
        "no mandate of this type and period is known between a grantor and a holder of these numbers and names"

    private static func text(_ refusal: Refusal) -> String {
        refusal.codes.map(text).joined(separator: "; ")
    }

    /// Why a mandate is not taken, for the person who delivered it.
    private static func text(_ code: ReasonCode) -> String {
        switch code {
        case .dossierUnknown:
            "there is no dossier in this profession of a grantor with this number and last name; mend the row, or "
                + "import care providers first and wait for their events"
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
