import HTTPTypes
import Hummingbird
import OrganisationRightsContracts
import Pages
import PortalDomain
import Vocabulary

/// The page of one organisation: who has which right, and the form to give one.
struct OrganisationPage: Sendable {
    let visit: Visit
    let organisation: OrganisationRights
    /// The right that was given or taken away just now.
    let changed: OrganisationRights.Right?
    let today: LocalDate
    let path: String

    private var shown: RightList { RightList(shownBy: visit) }

    /// - Parameters:
    ///   - typed: whether the form holds what somebody typed.
    ///   - isFound: whether it was typed earlier and was found again.
    func render(
        _ form: RightForm, flaws: [RightForm.Field], refused: [Reason], typed: Bool, isFound: Bool
    ) -> Response {
        var model = PageHeading(visit.text("organisation.title"), caption: organisation.name).model
        model["name"] = organisation.name
        let errors = errors(form, flaws: flaws, refused: refused)
        model["explanation"] = explanation(refused, isFound: isFound)
        model["table"] = organisation.rights.isEmpty ? false as any Sendable : table
        model["none"] =
            organisation.rights.isEmpty ? visit.text("organisation.none-\(shown.rawValue)") : false as any Sendable
        model["listed"] = visit.text("organisation.listed-\(shown.rawValue)")
        model["about"] = shown == .waiting ? visit.text("organisation.about-waiting") : false as any Sendable
        model["ways"] = ways
        model["action"] = path
        model["whose"] = [
            field(.nationalNumber, form.nationalNumber, errors, inputMode: "numeric").model,
            field(
                .lastName, form.lastName, errors, hint: "right.lastName-hint",
                maximumLength: TextRule.personName.length.upperBound
            ).model,
        ]
        model["role"] = roles(form, errors).model
        model["dates"] = [
            field(.startsOn, form.startsOn, errors, hint: "right.date-hint").model,
            field(.endsOn, form.endsOn, errors, hint: "right.date-hint", optional: true).model,
        ]
        model["errors"] =
            ErrorSummary(
                RightForm.Field.allCases.compactMap { field in errors[field].map { ($0, target(field)) } }
            ).orAbsent
        model["buttons"] = [
            PageButton(submit: visit.text("right.give")).model,
            typed
                ? PageButton(
                    submit: visit.text("button.cancel"), name: DossierPage.discardField, value: "yes", kind: .secondary
                ).model : PageButton(visit.text("button.back"), href: PortalPaths.organisations).model,
        ]
        let failed = !isFound && (!flaws.isEmpty || !refused.isEmpty)
        return visit.render(
            "organisation", model, title: "organisation.page-title", status: failed ? .unprocessableContent : .ok)
    }

    /// What stands beside each field that is wrong: what was typed, or what was decided about it.
    private func errors(
        _ form: RightForm, flaws: [RightForm.Field], refused: [Reason]
    ) -> [RightForm.Field: String] {
        var errors: [RightForm.Field: String] = [:]
        for field in flaws { errors[field] = message(field, form) }
        for reason in refused where errors[reason.field] == nil {
            errors[reason.field] = visit.site.renderer.text(of: reason, in: visit.language)
        }
        return errors
    }

    private func explanation(_ refused: [Reason], isFound: Bool) -> any Sendable {
        if !refused.isEmpty { return visit.explanation(refused, title: "right.refused", alert: true) }
        if isFound {
            return Explanation(
                title: visit.text("draft.found-title"), tone: .warn, paragraphs: [visit.text("draft.found")],
                alert: true
            ).model
        }
        guard let changed else { return false }
        let key: String
        switch (visit.query("given") != nil, changed.status) {
        case (true, .active): key = "right.given"
        case (true, .waiting): key = "right.waits"
        case (false, .ended): key = "right.ended"
        case (false, .neverBegan): key = "right.withdrawn"
        default: return false
        }
        return Explanation(
            title: visit.text(key), tone: changed.status == .waiting ? .info : .right,
            paragraphs: [visit.text("\(key)-effect")], alert: true
        ).model
    }

    /// The ways to the rights that this page does not list.
    private var ways: [[String: String]] {
        let older = organisation.next.map {
            ["label": visit.text("organisation.older"), "href": "\(path)?show=\(shown.rawValue)&after=\($0)"]
        }
        let others = RightList.allCases.filter { $0 != shown }.map { list in
            ["label": visit.text("organisation.show-\(list.rawValue)"), "href": "\(path)?show=\(list.rawValue)"]
        }
        return [older].compactMap(\.self) + others
    }

    private var table: [String: any Sendable] {
        let columns = ["person", "role", "period", "status", "end"].map { visit.text("organisation.column-\($0)") }
        let rows = organisation.rights.map { right -> [TableCell] in
            let end: TableCell =
                right.status.canBeEnded
                ? .link(
                    visit.text(right.status == .waiting ? "right.withdraw" : "right.end"),
                    href: "\(path)/rights/\(right.rightId)/end",
                    about: visit.text("right.end-about", ["person": right.holder(visit)])) : .empty
            return [
                .text(right.holder(visit)), .text(roleName(right.role, organisation, visit)),
                .text(period(right.startsOn, right.endsOn, visit)),
                .text(visit.text("right.status-\(standing(right))")), end,
            ]
        }
        return DataTable(caption: visit.text("organisation.caption"), columns: columns, rows: rows).model
    }

    /// What the calendar makes of a right that nobody took away.
    private func standing(_ right: OrganisationRights.Right) -> String {
        guard right.status == .active else { return right.status.rawValue }
        if right.startsOn > today { return "not-started" }
        if let end = right.endsOn, end < today { return "expired" }
        return right.status.rawValue
    }

    private func roles(_ form: RightForm, _ errors: [RightForm.Field: String]) -> RadioGroup {
        RadioGroup(
            name: "role", legend: visit.text("right.role"),
            groups: [
                ChoiceGroup(
                    organisation.roles.keys.sorted().map { role in
                        let key = "right.role-\(role)"
                        return Choice(
                            value: role, label: roleName(role, organisation, visit),
                            note: visit.site.renderer.hasText(key, visit.language) ? visit.text(key) : nil)
                    })
            ], selected: form.role, error: errors[.role])
    }

    private func field(
        _ field: RightForm.Field, _ value: String, _ errors: [RightForm.Field: String], inputMode: String? = nil,
        hint: String? = nil, maximumLength: Int = 20, optional: Bool = false
    ) -> FormField {
        FormField(
            name: field.rawValue, label: visit.text("right.\(field.rawValue)"), value: value,
            hint: hint.map { visit.text($0) },
            error: errors[field], autocomplete: "off",
            inputMode: inputMode, maximumLength: maximumLength, width: field == .lastName ? .long : .medium,
            optional: optional)
    }

    private func message(_ field: RightForm.Field, _ form: RightForm) -> String {
        switch field {
        case .nationalNumber: message(field, form.nationalNumber)
        case .lastName: message(field, form.lastName)
        case .role, .startsOn, .endsOn: message(field, "-")
        }
    }

    /// What is wrong with a field and how to mend it; who left it empty is not told that it is no number.
    private func message(_ field: RightForm.Field, _ value: String) -> String {
        let isMissing = (field == .nationalNumber || field == .lastName) && value.isEmpty
        return visit.text("right.\(field.rawValue)-\(isMissing ? "missing" : "wrong")")
    }

    private func target(_ field: RightForm.Field) -> String { field == .role ? "role-first" : field.rawValue }
}

extension Reason {
    /// The field of the form that it is about.
    fileprivate var field: RightForm.Field {
        switch code.rawValue {
        case "right.retroactive": .startsOn
        case "right.role-unknown": .role
        default: .nationalNumber
        }
    }
}
