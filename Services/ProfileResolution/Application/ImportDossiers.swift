package import AuditTrail
package import ContractCore
package import Imports
import Process
import ProfileResolutionDomain
package import Vocabulary

/// Takes in the rows of a file with dossiers: understands each, finds whose it is, and registers what is new.
package struct ImportDossiers: ImportHandler {
    /// Which file it is.
    package enum File: Sendable {
        case careProviders
        /// With the codes of the configured functions.
        case functionHolders(functions: Set<String>)
    }

    /// Finds the persons of national numbers, making those that are not known yet; in the order of the numbers.
    package typealias ResolvePersons = @Sendable ([NationalNumber], CallOrigin) async throws -> [PersonID?]
    /// Tells the last names of persons, or the only name that one has; those that nobody has told are missing.
    package typealias LastNames = @Sendable ([PersonID], CallOrigin) async throws -> [PersonID: String]

    private let file: File
    private let resolve: ResolvePersons
    private let lastNames: LastNames
    private let register: RegisterDossiers
    private let acts: Acts
    /// The same for all rows of one run of the command.
    private let run: String

    package init(
        _ file: File, resolve: @escaping ResolvePersons, lastNames: @escaping LastNames, register: RegisterDossiers,
        acts: Acts
    ) {
        self.file = file
        self.resolve = resolve
        self.lastNames = lastNames
        self.register = register
        self.acts = acts
        run = acts.own().requestID
    }

    package func take(_ rows: [ImportRow], tell: (ImportVerdict) -> Void) async throws {
        let act = acts.own(run: run)
        var verdicts = [ImportVerdict?](repeating: nil, count: rows.count)
        var told = 0
        // Verdicts that are certain, up to the first row that has none yet.
        func tellCertain() {
            while told < rows.count, let verdict = verdicts[told] {
                tell(verdict)
                told += 1
            }
        }
        var readable: [(index: Int, row: ReadRow)] = []
        for (index, row) in rows.enumerated() {
            do throws(RowDefect) {
                readable.append((index, try read(row, today: act.day)))
            } catch {
                verdicts[index] = .refused(error.text)
            }
        }
        let persons = readable.isEmpty ? [] : try await resolve(readable.map(\.row.nationalNumber), act.origin)
        let names = try await lastNames(Array(Set(persons.compactMap(\.self))), act.origin)
        var deliveries: [(index: Int, row: ReadRow, person: PersonID)] = []
        for (item, person) in zip(readable, persons) {
            if let person {
                deliveries.append((item.index, item.row, person))
            } else {
                verdicts[item.index] = .refused("national_number: authentication-service does not accept it")
            }
        }
        tellCertain()
        var taken = 0
        var waiting: [(row: ReadRow, person: PersonID)] = []
        let delivered = deliveries.map { $0.row.delivery(of: $0.person, called: names[$0.person]) }
        try await register(delivered, act) { outcomes in
            for outcome in outcomes {
                let (index, row, person) = deliveries[taken]
                verdicts[index] = Self.verdict(outcome)
                if outcome == .waits, names[person] == nil { waiting.append((row, person)) }
                taken += 1
            }
            tellCertain()
        }
        try await lookAgain(at: waiting, act)
    }

    /// Lets begin what waits for somebody who signed in while it was being written down, and so did not find it.
    private func lookAgain(at waiting: [(row: ReadRow, person: PersonID)], _ act: ProgramAct) async throws {
        guard !waiting.isEmpty else { return }
        let names = try await lastNames(Array(Set(waiting.map(\.person))), act.origin)
        let known = waiting.filter { names[$0.person] != nil }
        try await register(known.map { $0.row.delivery(of: $0.person, called: names[$0.person]) }, act) { _ in }
    }

    private func read(_ row: ImportRow, today: LocalDate) throws(RowDefect) -> ReadRow {
        switch file {
        case .careProviders: try DossierRows.careProvider(row, today: today)
        case .functionHolders(let functions):
            try DossierRows.functionHolder(row, functions: functions, today: today)
        }
    }

    private static func verdict(_ outcome: DeliveryVerdict) -> ImportVerdict {
        switch outcome {
        case .registered: .added
        case .changed: .changed
        case .unchanged: .unchanged
        case .waits: .waits
        case .ofSomebodyElse:
            .refused("last_name: the dossier of this number is of somebody who is called otherwise")
        case .rizivNumberTaken: .refused("riziv_number: is the number of somebody else")
        }
    }
}
