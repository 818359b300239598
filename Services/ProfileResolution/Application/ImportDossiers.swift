package import Imports
package import Messaging
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
    package typealias ResolvePersons = @Sendable ([NationalNumber]) async throws -> [PersonID?]

    private let file: File
    private let resolve: ResolvePersons
    private let register: RegisterDossiers
    private let today: @Sendable () -> LocalDate
    private let context: @Sendable () -> EventContext

    package init(
        _ file: File, resolve: @escaping ResolvePersons, register: RegisterDossiers,
        today: @escaping @Sendable () -> LocalDate, context: @escaping @Sendable () -> EventContext
    ) {
        self.file = file
        self.resolve = resolve
        self.register = register
        self.today = today
        self.context = context
    }

    package func take(_ rows: [ImportRow]) async throws -> [ImportVerdict] {
        let today = today()
        var verdicts = [ImportVerdict](repeating: .unchanged, count: rows.count)
        var readable: [(index: Int, row: ReadRow)] = []
        for (index, row) in rows.enumerated() {
            do throws(RowDefect) {
                readable.append((index, try read(row, today: today)))
            } catch {
                verdicts[index] = .refused(error.text)
            }
        }
        guard !readable.isEmpty else { return verdicts }
        let persons = try await resolve(readable.map(\.row.nationalNumber))
        var deliveries: [(index: Int, delivery: DossierDelivery)] = []
        for (item, person) in zip(readable, persons) {
            if let person {
                deliveries.append((item.index, item.row.delivery(of: person)))
            } else {
                verdicts[item.index] = .refused("national_number: authentication-service does not accept it")
            }
        }
        let outcomes = try await register(deliveries.map(\.delivery), context: context())
        for (item, outcome) in zip(deliveries, outcomes) { verdicts[item.index] = Self.verdict(outcome) }
        return verdicts
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
        case .rizivNumberTaken: .refused("riziv_number: is the number of somebody else")
        }
    }
}
