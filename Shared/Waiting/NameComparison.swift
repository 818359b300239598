package import AuditTrail
package import ContractCore
package import EventOutbox
import Keys
package import Logging
package import Postgres
package import Vocabulary

/// Compares the names of those who signed in with the names beside their numbers, and lets begin what agrees.
///
/// Each instance of a service may do it at once: whoever begins a row locks it, and who comes second finds it gone.
package struct NameComparison: Sendable {
    /// The last names of at most ``batch`` persons; those that nobody has told are missing.
    package typealias LastNames = @Sendable ([PersonID], CallOrigin) async throws -> [PersonID: String]
    /// Decides about a row in a transaction of its own, and answers whether it began.
    ///
    /// The name is the person's, or nothing when nobody has told it.
    package typealias Begin =
        @Sendable (_ due: WaitingTable.Due, _ name: String?, _ act: ProgramAct, _ session: borrowing Session) throws ->
        Bool

    /// As many names as are asked for at a time.
    package static let batch = 50
    /// How often names are compared; looking costs one index.
    package static let interval = Duration.milliseconds(500)
    /// How long to leave a neighbour or database alone that could not be asked.
    package static let pause = Duration.seconds(5)

    private let table: WaitingTable
    private let database: Database
    private let acts: Acts
    private let outbox: Outbox
    private let logger: Logger
    private let lastNames: LastNames
    private let begin: Begin

    package init(
        of table: WaitingTable, in database: Database, acts: Acts, outbox: Outbox, logger: Logger,
        lastNames: @escaping LastNames, begin: @escaping Begin
    ) {
        self.table = table
        self.database = database
        self.acts = acts
        self.outbox = outbox
        self.logger = logger
        self.lastNames = lastNames
        self.begin = begin
    }

    /// Looks at all that is due; answers how many rows began.
    ///
    /// - Throws: what is thrown while names cannot be asked for; what is due stays so.
    @discardableResult
    package func callAsFunction() async throws -> Int {
        var began = 0
        var last: WaitingTable.Due?
        while true {
            let due = try await due(behind: last)
            guard !due.isEmpty else { return began }
            let names = try await lastNames(Array(Set(due.map(\.person))), acts.own().origin)
            for row in due where try await begins(row, name: names[row.person]) { began += 1 }
            last = due.last
        }
    }

    private func due(behind last: WaitingTable.Due?) async throws -> [WaitingTable.Due] {
        try await database.read { [table] session in
            try table.due(behind: last, limit: Self.batch, in: session)
        }
    }

    private func begins(_ due: WaitingTable.Due, name: String?) async throws -> Bool {
        do {
            let act = acts.own()
            return try await outbox.transaction(on: database) { session in try begin(due, name, act, session) }
        } catch let error as PostgresError where error.isUniqueViolation || error.isExclusionViolation {
            // The same came about otherwise at this very moment; the next look finds it.
            return false
        } catch let error as SealingError {
            logger.error(
                "The name beside a number does not open, so what waits there cannot begin; give or import it anew",
                metadata: ["table": "\(table.name)", "row": "\(due.id)", "error": "\(error)"])
            try await database.transaction { [table] session in try table.compared(due, in: session) }
            return false
        }
    }
}
