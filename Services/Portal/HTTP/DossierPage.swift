import Contracts
import Hummingbird
import Pages
import PortalDomain
import ServiceKit
import Vocabulary

/// The pages of one dossier, whether it is opened by its owner or under a mandate.
struct DossierPage: Sendable {
    let visit: Visit
    /// Where the pages of this dossier are: `/dossier`, or `/t/<tab>/dossier`.
    let dossierPath: String
    /// Where the form for contact data is.
    let contactPath: String
    /// The mandate under which it is opened; nothing for its owner.
    let mandate: OpenDossier?

    /// The welcome page of the dossier.
    func welcome(_ dossier: DossierView, menu: [(label: String, note: String, href: String)]) -> Response {
        var model = PageHeading(visit.text("dossier.heading", ["name": name(dossier)])).model
        model["banner"] = banner(dossier)
        // Under a mandate the banner says it.
        model["parts"] = mandate == nil ? parts(dossier) : []
        model["facts"] = facts(dossier)
        model["contact"] = contactModel(dossier)
        model["menu"] = menu.map { ["label": $0.label, "note": $0.note, "href": $0.href] }
        model["hasMenu"] = !menu.isEmpty
        return visit.render("dossier", model, title: "dossier.title")
    }

    /// The form for the contact data.
    ///
    /// - Parameters:
    ///   - form: what was typed; nothing for the data as they are.
    ///   - version: the version that the form was made for.
    func contactForm(_ dossier: DossierView, form: ContactForm? = nil, version: Int64? = nil) -> Response {
        let flaws = form?.flaws ?? []
        let shown = form ?? ContactForm(dossier.contact)
        var model = PageHeading(visit.text("contact.title"), caption: name(dossier), lead: visit.text("contact.lead"))
            .model
        model["banner"] = banner(dossier)
        model["action"] = contactPath
        model["dossier"] = dossier.dossierId.description
        model["version"] = String(version ?? dossier.version)
        model["fields"] = ContactForm.Field.allCases.map { field in
            contactField(field, value: shown.value(field), flaw: flaws.first { $0.field == field }?.flaw)
        }
        if !flaws.isEmpty {
            model["errors"] =
                ErrorSummary(flaws.map { (message($0.field, $0.flaw), $0.field.rawValue) }).model
        }
        model["buttons"] = [
            PageButton(submit: visit.text("contact.save")).model,
            PageButton(visit.text("button.cancel"), href: dossierPath).model,
        ]
        return visit.render(
            "contact", model, title: "contact.title", status: flaws.isEmpty ? .ok : .unprocessableContent)
    }

    /// What is in the dossier after a change.
    func saved(_ dossier: DossierView, version: Int64?) -> Response {
        var model = PageHeading(visit.text("saved.title"), caption: name(dossier)).model
        model["banner"] = banner(dossier)
        let isLater = version.map { dossier.version > $0 } ?? false
        model["explanation"] =
            Explanation(
                title: visit.text("saved.what", ["name": name(dossier)]), tone: .right,
                paragraphs: isLater ? [visit.text("saved.later")] : [], alert: true
            ).model
        model["contact"] = contactModel(dossier)
        model["buttons"] = [PageButton(visit.text("saved.back"), href: dossierPath, kind: .primary).model]
        return visit.render("saved", model, title: "saved.title")
    }

    /// Whose dossier it is and by which right it is open: on every page under a mandate.
    private func banner(_ dossier: DossierView) -> any Sendable {
        guard let mandate else { return false }
        let right =
            visit.session.person.profile.kind == .organisation ? "banner.right-organisation" : "banner.right"
        return [
            "whose": visit.text("banner.whose", ["name": name(dossier)]), "parts": parts(dossier),
            "right": visit.text(right, ["mandate": mandate.mandateType.name[visit.language]]),
        ] as [String: any Sendable]
    }

    /// Names of citizens are not kept with their dossiers: who has no care profession is called by her sign-in.
    private func name(_ dossier: DossierView) -> String {
        guard dossier.lastName.isEmpty, mandate == nil else { return "\(dossier.firstName) \(dossier.lastName)" }
        return visit.session.person.name ?? dossier.organisationName ?? ""
    }

    private func function(_ dossier: DossierView) -> String? {
        dossier.function.map { code in
            let key = "function.\(code)"
            return visit.site.renderer.hasText(key, visit.language) ? visit.text(key) : code
        }
    }

    private func parts(_ dossier: DossierView) -> [String] {
        [
            dossier.profession.map { $0.name[visit.language] },
            function(dossier), dossier.organisationName,
            dossier.rizivNumber.map { visit.text("dossier.riziv", ["number": $0.formatted]) },
        ].compactMap(\.self)
    }

    private func facts(_ dossier: DossierView) -> [[String: String]] {
        [
            ("fact.name", name(dossier)), ("fact.profession", dossier.profession.map { $0.name[visit.language] }),
            ("fact.riziv", dossier.rizivNumber?.formatted), ("fact.function", function(dossier)),
            ("fact.organisation", dossier.organisationName),
            ("fact.state", stateText(dossier.state)),
        ].compactMap { key, value in value.map { ["label": visit.text(key), "value": $0] } }
    }

    private func stateText(_ state: String) -> String {
        let key = "dossier.state.\(state)"
        return visit.site.renderer.hasText(key, visit.language) ? visit.text(key) : state
    }

    private func contactModel(_ dossier: DossierView) -> [String: any Sendable] {
        let form = dossier.contact.map { ContactForm($0) }
        return [
            "known": form != nil,
            "unknown": visit.text(mandate == nil ? "contact.unknown" : "contact.not-covered"),
            "rows": form.map { form in
                ContactForm.Field.allCases.map { field in
                    ["label": visit.text("contact.\(field.rawValue)"), "value": form.value(field)]
                }
            } ?? [],
            "change": dossier.actions.contains(.changeContact) ? contactPath as any Sendable : false,
        ]
    }

    private func contactField(
        _ field: ContactForm.Field, value: String, flaw: ContactForm.Flaw?
    ) -> [String: any Sendable] {
        let settings: (type: String, autocomplete: String?, mode: String?, width: FormField.Width) =
            switch field {
            case .email: ("email", "email", nil, .long)
            case .phone: ("tel", "tel", nil, .medium)
            case .street: ("text", "street-address", nil, .long)
            case .postalCode: ("text", "postal-code", nil, .short)
            case .city: ("text", "address-level2", nil, .long)
            }
        // Under a mandate the browser must not fill in the data of the person who types.
        let autocomplete = mandate == nil ? settings.autocomplete : "off"
        return FormField(
            name: field.rawValue, label: visit.text("contact.\(field.rawValue)"), value: value,
            error: flaw.map { message(field, $0) }, type: settings.type, autocomplete: autocomplete,
            inputMode: settings.mode, maximumLength: field.maximumLength, width: settings.width
        ).model
    }

    private func message(_ field: ContactForm.Field, _ flaw: ContactForm.Flaw) -> String {
        visit.text(
            "contact.\(flaw.rawValue)",
            ["field": visit.text("contact.\(field.rawValue)"), "maximum": String(field.maximumLength)])
    }
}

extension ContactForm {
    /// The data of a dossier in a form; empty fields when there are none.
    init(_ contact: ContactData?) {
        self.init(
            email: contact?.email ?? "", phone: contact?.phone ?? "", street: contact?.street ?? "",
            postalCode: contact?.postalCode ?? "", city: contact?.city ?? "")
    }

    /// What was typed.
    init(_ form: FormData) {
        self.init(
            email: form.trimmed("email"), phone: form.trimmed("phone"), street: form.trimmed("street"),
            postalCode: form.trimmed("postalCode"), city: form.trimmed("city"))
    }

    /// The form as the service takes it.
    var data: ContactData {
        ContactData(email: email, phone: phone, street: street, postalCode: postalCode, city: city)
    }
}
