/// Something a partial shows; `model` holds each key the partial reads, so that none is taken from around it.
package protocol PageComponent: Sendable {
    /// The values by the partial's key.
    var model: [String: any Sendable] { get }
}

extension Optional where Wrapped == String {
    /// The text, or `false`, which a template takes for "absent".
    package var orAbsent: any Sendable { map { $0 as any Sendable } ?? false }
}

extension Optional where Wrapped: PageComponent {
    /// The component's model, or `false`.
    package var orAbsent: any Sendable { map { $0.model as any Sendable } ?? false }
}

/// The heading of a page, for the partial `heading`; merge its model into the page's.
package struct PageHeading: PageComponent {
    package let model: [String: any Sendable]

    /// - Parameters:
    ///   - heading: the page's only `h1`.
    ///   - caption: whose or what it is about, shown above.
    ///   - lead: one sentence below.
    package init(_ heading: String, caption: String? = nil, lead: String? = nil) {
        model = ["heading": heading, "caption": caption.orAbsent, "lead": lead.orAbsent]
    }
}

/// A text field with its label, hint and error, for the partial `field`.
package struct FormField: PageComponent {
    /// How wide the field is shown; it never is wider than the screen.
    package enum Width: String, Sendable { case short, medium, long }

    package let model: [String: any Sendable]

    /// - Parameters:
    ///   - name: the name in the form, also the element's id.
    ///   - error: what is wrong with the value and how to mend it.
    ///   - type: the HTML input type.
    package init(
        name: String, label: String, value: String = "", hint: String? = nil, error: String? = nil,
        type: String = "text", autocomplete: String? = nil, inputMode: String? = nil, maximumLength: Int? = nil,
        width: Width = .long, required: Bool = false, optional: Bool = false
    ) {
        model = [
            "id": name, "name": name, "label": label, "value": value, "hint": hint.orAbsent, "error": error.orAbsent,
            "type": type, "autocomplete": autocomplete.orAbsent, "inputmode": inputMode.orAbsent,
            "maxlength": maximumLength.map(String.init).orAbsent, "width": width.rawValue, "required": required,
            "optional": optional, "describedBy": describedBy(name, hint: hint, error: error).orAbsent,
        ]
    }
}

/// One thing that can be chosen.
package struct Choice: Sendable {
    let value: String
    let label: String
    let note: String?
    let disabled: Bool

    /// - Parameters:
    ///   - note: what it means, or why it cannot be chosen.
    ///   - disabled: shown, but not to be chosen.
    package init(value: String, label: String, note: String? = nil, disabled: Bool = false) {
        self.value = value
        self.label = label
        self.note = note
        self.disabled = disabled
    }
}

/// Choices under a title.
package struct ChoiceGroup: Sendable {
    let title: String?
    let choices: [Choice]

    /// - Parameter title: nothing for choices that stand alone.
    package init(title: String? = nil, _ choices: [Choice]) {
        self.title = title
        self.choices = choices
    }

    static func models(_ groups: [ChoiceGroup], name: String, selected: String?) -> [[String: any Sendable]] {
        groups.enumerated().map { groupIndex, group in
            [
                "title": group.title.orAbsent, "groupId": "\(name)-group-\(groupIndex)",
                "options": group.choices.enumerated().map { index, choice -> [String: any Sendable] in
                    [
                        "value": choice.value, "label": choice.label, "note": choice.note.orAbsent,
                        "disabled": choice.disabled, "checked": choice.value == selected,
                        // The first choice carries the id that the error summary points at.
                        "optionId": groupIndex == 0 && index == 0 ? "\(name)-first" : "\(name)-\(groupIndex)-\(index)",
                    ]
                },
            ]
        }
    }
}

/// One choice out of groups, all visible, for the partial `radios`.
package struct RadioGroup: PageComponent {
    package let model: [String: any Sendable]

    /// - Parameter selected: the value that is chosen when the page opens.
    package init(
        name: String, legend: String, groups: [ChoiceGroup], selected: String?, hint: String? = nil,
        error: String? = nil
    ) {
        model = [
            "id": name, "name": name, "legend": legend, "hint": hint.orAbsent, "error": error.orAbsent,
            "groups": ChoiceGroup.models(groups, name: name, selected: selected),
            "describedBy": describedBy(name, hint: hint, error: error).orAbsent,
        ]
    }
}

/// One choice out of groups in a list that opens, for the partial `select`.
package struct SelectField: PageComponent {
    package let model: [String: any Sendable]

    /// - Parameter selected: the value that is chosen when the page opens.
    package init(
        name: String, label: String, groups: [ChoiceGroup], selected: String?, hint: String? = nil,
        error: String? = nil, optional: Bool = false
    ) {
        model = [
            "id": name, "name": name, "label": label, "hint": hint.orAbsent, "error": error.orAbsent,
            "optional": optional, "groups": ChoiceGroup.models(groups, name: name, selected: selected),
            "describedBy": describedBy(name, hint: hint, error: error).orAbsent,
        ]
    }
}

/// A button or a link that looks like one, for the partial `buttons`.
package struct PageButton: PageComponent {
    /// How much a button asks for attention; one primary button a page.
    package enum Kind: String, Sendable { case primary, secondary, danger }

    package let model: [String: any Sendable]

    /// A link to another page.
    package init(_ label: String, href: String, kind: Kind = .secondary) {
        model = ["label": label, "href": href, "kind": kind.rawValue, "name": false, "value": false]
    }

    /// A button that submits the form around it, with a name and value of its own when it is one of several.
    package init(submit label: String, name: String? = nil, value: String? = nil, kind: Kind = .primary) {
        model = [
            "label": label, "href": false, "kind": kind.rawValue, "name": name.orAbsent, "value": value.orAbsent,
        ]
    }
}

/// What is wrong in a form, on top of it; the value of the page's key `errors`.
package struct ErrorSummary: PageComponent {
    package let model: [String: any Sendable]

    /// Nothing when nothing is wrong.
    ///
    /// - Parameter items: the message and the id of the field it is about.
    package init?(_ items: [(message: String, field: String?)]) {
        guard !items.isEmpty else { return nil }
        model = [
            "items": items.map { item -> [String: any Sendable] in
                ["message": item.message, "target": item.field.orAbsent]
            }
        ]
    }
}

/// The ids of what describes a field.
private func describedBy(_ name: String, hint: String?, error: String?) -> String? {
    let ids = [hint.map { _ in "\(name)-hint" }, error.map { _ in "\(name)-error" }].compactMap(\.self)
    return ids.isEmpty ? nil : ids.joined(separator: " ")
}
