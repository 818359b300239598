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

    private var shown: RightStatus { RightStatus(shownBy: visit) }

    /// - Parameters:
    ///   - typed: whether the form holds what somebody typed.
    ///   - isFound: whether it was typed earlier and was found again.
    func render(
        _ form: RightForm, flaws: [RightForm.Field], refused: [Reason], typed: Bool, isFound: Bool
    ) -> Response {
        var model = PageHeading(visit.text("organisation.title"), caption: organisation.name).model
        model["name"] = organisation.name
        model["explanation"] = explanation(refused, isFound: isFound)
        model["table"] = organisation.rights.isEmpty ? false as any Sendable : table
        model["none"] =
            organisation.rights.isEmpty ? visit.text("organisation.none-\(shown.rawValue)") : false as any Sendable
        model["listed"] = visit.text("organisation.listed-\(shown.rawValue)")
        model["ways"] = ways
        model["action"] = path
        model["number"] = field(.nationalNumber, form.nationalNumber, flaws, inputMode: "numeric").model
        model["role"] = roles(form, flaws).model
        model["dates"] = [
            field(.startsOn, form.startsOn, flaws, hint: true).model,
            field(.endsOn, form.endsOn, flaws, hint: true, optional: true).model,
        ]
        if !flaws.isEmpty {
            model["errors"] =
                ErrorSummary(flaws.map { (message($0, form), target($0)) }).model
        } else if let first = refused.first {
            let reason = visit.site.renderer.text(of: first, in: visit.language)
            model["errors"] = ErrorSummary([(reason, RightForm.Field.nationalNumber.rawValue)]).model
        }
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

    private func explanation(_ refused: [Reason], isFound: Bool) -> any Sendable {
        if !refused.isEmpty { return visit.explanation(refused, title: "right.refused", alert: true) }
        if isFound {
            return Explanation(
                title: visit.text("draft.found-title"), tone: .warn, paragraphs: [visit.text("draft.found")],
                alert: true
            ).model
        }
        guard let changed else { return false }
        let given = visit.query("given") != nil
        guard given == changed.status.canBeEnded else { return false }
        return Explanation(
            title: visit.text(given ? "right.given" : "right.ended"), tone: .right,
            paragraphs: [visit.text(given ? "right.given-effect" : "right.ended-effect")], alert: true
        ).model
    }

    /// The ways to the rights that this page does not list.
    private var ways: [[String: String]] {
        let other: RightStatus = shown == .active ? .ended : .active
        let older = organisation.next.map {
            ["label": visit.text("organisation.older"), "href": "\(path)?show=\(shown.rawValue)&after=\($0)"]
        }
        let others = [
            "label": visit.text("organisation.show-\(other.rawValue)"), "href": "\(path)?show=\(other.rawValue)",
        ]
        return [older, others].compactMap(\.self)
    }

    private var table: [String: any Sendable] {
        let columns = ["person", "role", "period", "status", "end"].map { visit.text("organisation.column-\($0)") }
        let rows = organisation.rights.map { right -> [TableCell] in
            let end: TableCell =
                right.status.canBeEnded
                ? .link(
                    visit.text("right.end"), href: "\(path)/rights/\(right.rightId)/end",
                    about: visit.text("right.end-about", ["person": right.holder])) : .empty
            return [
                .text(right.holder), .text(roleName(right.role, organisation, visit)),
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

    private func roles(_ form: RightForm, _ flaws: [RightForm.Field]) -> RadioGroup {
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
            ], selected: form.role, error: flaws.contains(.role) ? visit.text("right.role-wrong") : nil)
    }

    private func field(
        _ field: RightForm.Field, _ value: String, _ flaws: [RightForm.Field], inputMode: String? = nil,
        hint: Bool = false, optional: Bool = false
    ) -> FormField {
        FormField(
            name: field.rawValue, label: visit.text("right.\(field.rawValue)"), value: value,
            hint: hint ? visit.text("right.date-hint") : nil,
            error: flaws.contains(field) ? message(field, value) : nil, autocomplete: "off",
            inputMode: inputMode, maximumLength: 20, width: .medium, optional: optional)
    }

    private func message(_ field: RightForm.Field, _ form: RightForm) -> String {
        message(field, field == .nationalNumber ? form.nationalNumber : "-")
    }

    /// What is wrong with a field and how to mend it; who left it empty is not told that it is no number.
    private func message(_ field: RightForm.Field, _ value: String) -> String {
        let isMissing = field == .nationalNumber && value.isEmpty
        return visit.text("right.\(field.rawValue)-\(isMissing ? "missing" : "wrong")")
    }

    private func target(_ field: RightForm.Field) -> String { field == .role ? "role-first" : field.rawValue }
}
