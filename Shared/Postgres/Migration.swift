/// One step of a schema, written once and never changed.
package struct Migration: Sendable, Hashable {
    /// Whose step it is: a service, or a shared module such as "messaging".
    ///
    /// Versions count per component.
    package let component: String
    /// Counts from 1 without gaps.
    package let version: Int
    /// What it does, in words joined by "_".
    package let name: String
    /// The statements; they do not name the schema.
    package let sql: [UInt8]
    /// Whether the release before works on the schema that this step makes: its file has the line `-- expands`.
    package let expands: Bool

    /// Takes version and name from a file name such as "V0001__create_mandate": a letter, digits, "__", a name.
    package init(component: String, file: String, sql: [UInt8]) {
        let digits = file.dropFirst().prefix { $0.isASCII && $0.isNumber }
        let rest = file.dropFirst(1 + digits.count)
        guard let version = Int(digits), version > 0, rest.hasPrefix("__"), rest.count > 2 else {
            preconditionFailure("migration file \"\(file)\" of \(component) is not named like V0001__create_something")
        }
        self.component = component
        self.version = version
        name = String(rest.dropFirst(2))
        self.sql = sql
        expands = sql.split(separator: UInt8(ascii: "\n")).contains { $0.elementsEqual("-- expands".utf8) }
    }
}

/// Why a schema cannot be brought to, or compared with, the version of this program.
package enum MigrationError: Error, Sendable, CustomStringConvertible, Equatable {
    /// The program's own list is wrong.
    case invalidList(component: String, explanation: String)
    /// A step that was applied has another text in this program.
    case changed(schema: String, component: String, version: Int, name: String)
    /// The database has a step that this program does not know and cannot work with.
    case newer(schema: String, component: String, version: Int, name: String)
    /// A step failed; it was rolled back.
    case failed(schema: String, component: String, version: Int, name: String, explanation: String)

    package var description: String {
        switch self {
        case .invalidList(let component, let explanation):
            "The migrations of \(component) are not usable: \(explanation)."
        case .changed(let schema, let component, let version, let name):
            """
            Migration \(component) \(version) (\(name)) was applied to schema \(schema) with another text than this \
            program has. Nothing was changed. Undo the edit of that file and write the change as a new migration.
            """
        case .newer(let schema, let component, let version, let name):
            """
            Schema \(schema) has migration \(component) \(version) (\(name)), which this program does not know: a newer \
            release has migrated it, and does not say that this one works on it. Nothing was changed. Run that release \
            or a later one.
            """
        case .failed(let schema, let component, let version, let name, let explanation):
            """
            Migration \(component) \(version) (\(name)) failed on schema \(schema) and was rolled back: \(explanation). \
            The migrations before it are kept. Mend the cause and migrate again.
            """
        }
    }
}
