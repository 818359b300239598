/// One cell of a table.
package enum TableCell: Sendable {
    case text(String)
    /// Nothing to show or to do.
    case empty
    /// A link; `about` completes its text for a screen reader ("Open" + "the dossier of …").
    case link(String, href: String, about: String)
    /// A button that posts hidden fields; the CSRF token is added.
    case button(String, action: String, hidden: [String: String], about: String)
}

/// A table that becomes a stack of cards on a phone, for the partial `table`.
package struct DataTable: PageComponent {
    package let model: [String: any Sendable]

    /// - Parameters:
    ///   - caption: what the table lists.
    ///   - captionHidden: whether only screen readers get the caption.
    ///   - rows: as many cells as there are columns.
    package init(caption: String, captionHidden: Bool = true, columns: [String], rows: [[TableCell]]) {
        model = [
            "caption": caption, "captionHidden": captionHidden, "columns": columns,
            "rows": rows.map { row -> [String: any Sendable] in
                ["cells": zip(columns, row).map { Self.cell($1, column: $0) }]
            },
        ]
    }

    private static func cell(_ cell: TableCell, column: String) -> [String: any Sendable] {
        // A button says itself what it is for; on a phone its column needs no name.
        var model: [String: any Sendable] = ["column": column, "text": false, "link": false, "form": false]
        switch cell {
        case .text(let text):
            model["text"] = text
        case .empty:
            model["column"] = ""
        case .link(let label, let href, let about):
            model["column"] = ""
            model["link"] = ["href": href, "label": label, "about": about]
        case .button(let label, let action, let hidden, let about):
            model["column"] = ""
            model["form"] =
                ["action": action, "hidden": hiddenFields(hidden), "label": label, "about": about]
                as [String: any Sendable]
        }
        return model
    }
}

/// Previous and next page of what is listed, for the partial `pagination`.
package struct Pagination: PageComponent {
    package let model: [String: any Sendable]

    /// - Parameters:
    ///   - previous: the address of the page before; nothing on the first.
    ///   - next: the address of the page after; nothing on the last.
    ///   - position: "page 2 of 5" in the reader's language.
    package init(previous: String?, next: String?, position: String) {
        model = ["position": position, "previous": previous.orAbsent, "next": next.orAbsent]
    }
}

private func hiddenFields(_ fields: [String: String]) -> [[String: String]] {
    fields.sorted { $0.key < $1.key }.map { ["name": $0.key, "value": $0.value] }
}
