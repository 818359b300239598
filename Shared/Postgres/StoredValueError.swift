package import Vocabulary

/// A row holds what this release never writes there: another release wrote it, or somebody by hand.
///
/// The description names table, column and row, and never the value.
package struct StoredValueError: StoreError, Hashable, CustomStringConvertible {
    /// The table.
    package let table: String
    /// The column, where one alone is at fault.
    package let column: String?
    /// The row's id, where it is known.
    package let row: String?

    /// Describes what cannot be read.
    package init(_ table: String, column: String? = nil, row: String? = nil) {
        self.table = table
        self.column = column
        self.row = row
    }

    package var trouble: StoreTrouble? { nil }
    package var isAboutData: Bool { false }

    package var description: String {
        let place = [table, column].compactMap(\.self).joined(separator: ".")
        return "\(place)\(row.map { ", row \($0)," } ?? "") holds a value that this release does not know"
    }
}
