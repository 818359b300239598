import Contracts
import HTTPTypes
import Hummingbird
import Pages
import PortalDomain
import ServiceKit
import Vocabulary

/// The page of one organisation: who has which right, and the form to give one.
struct OrganisationPage: Sendable {
    let visit: Visit
    let organisation: OrganisationRights
    let path: String

    func render(_ form: RightForm, flaws: [RightForm.Field], refused: [Reason]) -> Response {
        var model = PageHeading(visit.text("organisation.title"), caption: organisation.name).model
        model["explanation"] = explanation(refused)
        model["table"] = organisation.rights.isEmpty ? false as any Sendable : table
        model["none"] = organisation.rights.isEmpty
        model["action"] = path
        model["number"] = field(.nationalNumber, form.nationalNumber, flaws, inputMode: "numeric").model
        model["role"] = roles(form, flaws).model
        model["dates"] = [
            field(.startsOn, form.startsOn, flaws, hint: true).model,
            field(.endsOn, form.endsOn, flaws, optional: true).model,
        ]
        if !flaws.isEmpty {
            model["errors"] =
                ErrorSummary(flaws.map { (visit.text("right.\($0.rawValue)-wrong"), target($0)) }).model
        }
        model["buttons"] = [
            PageButton(submit: visit.text("right.give")).model,
            PageButton(visit.text("button.back"), href: PortalPaths.organisations).model,
        ]
        let failed = !flaws.isEmpty || !refused.isEmpty
        return visit.render(
            "organisation", model, title: "organisation.title", status: failed ? .unprocessableContent : .ok)
    }

    private func explanation(_ refused: [Reason]) -> any Sendable {
        if !refused.isEmpty { return visit.explanation(refused, title: "right.refused", alert: true) }
        let given = organisation.rights.contains { $0.rightId.description == visit.query("given") }
        let ended = organisation.rights.contains {
            $0.rightId.description == visit.query("ended") && !$0.status.canBeEnded
        }
        guard given || ended else { return false }
        return Explanation(
            title: visit.text(given ? "right.given" : "right.ended"), tone: .right,
            paragraphs: [visit.text(given ? "right.given-effect" : "right.ended-effect")], alert: true
        ).model
    }

    private var table: [String: any Sendable] {
        let columns = ["person", "role", "period", "status", "end"].map { visit.text("organisation.column-\($0)") }
        let rows = organisation.rights.map { right -> [TableCell] in
            let end: TableCell =
                right.status.canBeEnded
                ? .link(
                    visit.text("right.end"), href: "\(path)/rights/\(right.rightId)/end",
                    about: visit.text("right.end-about", ["person": right.maskedNationalNumber])) : .empty
            return [
                .text(right.maskedNationalNumber), .text(roleName(right.role, organisation, visit)),
                .text(period(right.startsOn, right.endsOn, visit)),
                .text(visit.text("right.status-\(right.status.rawValue)")), end,
            ]
        }
        return DataTable(caption: visit.text("organisation.caption"), columns: columns, rows: rows).model
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
            error: flaws.contains(field) ? visit.text("right.\(field.rawValue)-wrong") : nil, autocomplete: "off",
            inputMode: inputMode, maximumLength: 20, width: .medium, optional: optional)
    }

    private func target(_ field: RightForm.Field) -> String { field == .role ? "role-first" : field.rawValue }
}
