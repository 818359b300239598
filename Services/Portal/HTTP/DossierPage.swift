import ContractCore
import HTTPTypes
import Hummingbird
import Pages
import PortalDomain
import ProfileResolutionClients
import ProfileResolutionContracts
import Vocabulary
import Web

/// The pages of one dossier, whether it is opened by its owner or under a mandate.
struct DossierPage: Sendable {
    let visit: Visit
    /// Where the pages of this dossier are: `/dossier`, or `/t/<tab>/dossier`.
    let dossierPath: String
    /// Where the form for contact data is.
    let contactPath: String
    /// The mandate under which it is opened; nothing for its owner.
    let mandate: OpenDossier?

    /// The field of the button that gives up what was typed.
    static let discardField = "discard"

    /// A way on from the dossier's welcome page.
    struct Card {
        let label: String
        let note: String
        let href: String
    }

    /// The welcome page of the dossier.
    ///
    /// - Parameter draft: a change that was typed and is not saved.
    func welcome(_ dossier: DossierView, menu: [Card], draft: Draft? = nil) -> Response {
        var model = PageHeading(visit.text("dossier.heading", ["name": name(dossier)])).model
        model["name"] = name(dossier)
        model["banner"] = banner(dossier)
        // Under a mandate the banner says it.
        model["parts"] = mandate == nil ? parts(dossier) : []
        model["facts"] = facts(dossier)
        model["contact"] = contactModel(dossier)
        model["menu"] = menu.map { ["label": $0.label, "note": $0.note, "href": $0.href] }
        model["hasMenu"] = !menu.isEmpty
        let isUnsaved = draft.map { ContactForm($0) != ContactForm(dossier.contact) } ?? false
        model["unsaved"] = isUnsaved ? contactPath as any Sendable : false
        return visit.render("dossier", model, title: title("dossier"))
    }

    /// The form for the contact data as they are, or with what was typed earlier and not saved.
    func contactForm(_ dossier: DossierView, draft: Draft?) -> Response {
        let saved = ContactForm(dossier.contact)
        guard let draft, ContactForm(draft) != saved else {
            return contactForm(dossier, shown: saved, version: dossier.version, isTyped: false, notice: nil)
        }
        return contactForm(
            dossier, shown: ContactForm(draft), version: draft.version ?? dossier.version, isTyped: true,
            notice: "draft.found")
    }

    /// The form with what was sent just now and is not saved.
    ///
    /// - Parameter version: the version that the form was made for.
    func contactForm(_ dossier: DossierView, form: ContactForm, version: Int64) -> Response {
        contactForm(dossier, shown: form, version: version, isTyped: true, notice: nil)
    }

    /// - Parameter notice: the key of a text about where the values come from.
    private func contactForm(
        _ dossier: DossierView, shown: ContactForm, version: Int64, isTyped: Bool, notice: String?
    ) -> Response {
        let flaws = isTyped ? shown.flaws : []
        let saved = ContactForm(dossier.contact)
        // Somebody else saved after the form was made: what is saved now stands beside what was typed.
        let differing = isTyped && dossier.version != version ? shown.differences(from: saved) : []
        var model = PageHeading(
            visit.text("contact.title"), caption: name(dossier),
            lead: visit.text(mandate == nil ? "contact.lead-own" : "contact.lead", ["name": name(dossier)])
        ).model
        model["name"] = name(dossier)
        model["banner"] = banner(dossier)
        model["action"] = contactPath
        model["dossier"] = dossier.dossierId.description
        model["version"] = String(dossier.version)
        model["explanation"] = contactNotice(notice, isConflict: !differing.isEmpty)
        model["fields"] = ContactForm.Field.allCases.map { field in
            contactField(
                field, value: shown.value(field), flaw: flaws.first { $0.field == field }?.flaw,
                saved: differing.contains(field) ? saved.value(field) : nil)
        }
        model["errors"] = ErrorSummary(flaws.map { (message($0.field, $0.flaw), $0.field.rawValue) }).orAbsent
        let leave = visit.text(differing.isEmpty ? "button.cancel" : "contact.keep-theirs")
        model["buttons"] = [
            PageButton(submit: visit.text(differing.isEmpty ? "contact.save" : "contact.save-mine")).model,
            isTyped
                ? PageButton(submit: leave, name: Self.discardField, value: "yes", kind: .secondary).model
                : PageButton(leave, href: dossierPath).model,
        ]
        let isNew = notice == nil
        let status: HTTPResponse.Status =
            isNew && !differing.isEmpty ? .preconditionFailed : isNew && !flaws.isEmpty ? .unprocessableContent : .ok
        return visit.render("contact", model, title: title("contact"), status: status)
    }

    private func contactNotice(_ notice: String?, isConflict: Bool) -> any Sendable {
        guard notice != nil || isConflict else { return false }
        let key = isConflict ? "contact.conflict" : notice ?? ""
        return Explanation(
            title: visit.text("\(key)-title"), tone: .warn, paragraphs: [visit.text(key)], alert: true
        ).model
    }

    /// The key of a page's title: of whom the dossier is stands in it, and that it is open by a mandate.
    private func title(_ page: String) -> String { mandate == nil ? "\(page).title-own" : "\(page).title-mandate" }

    /// What is in the dossier after a change.
    func saved(_ dossier: DossierView, version: Int64?) -> Response {
        var model = PageHeading(visit.text("saved.title"), caption: name(dossier)).model
        model["name"] = name(dossier)
        model["banner"] = banner(dossier)
        let isLater = version.map { dossier.version > $0 } ?? false
        model["explanation"] =
            Explanation(
                title: visit.text("saved.what", ["name": name(dossier)]), tone: .right,
                paragraphs: isLater ? [visit.text("saved.later")] : [], alert: true
            ).model
        model["contact"] = contactModel(dossier)
        model["buttons"] = [PageButton(visit.text("saved.back"), href: dossierPath, kind: .primary).model]
        return visit.render("saved", model, title: title("saved"))
    }

    /// Whose dossier it is and by which right it is open: on every page under a mandate.
    private func banner(_ dossier: DossierView) -> any Sendable {
        guard let mandate else { return false }
        let right =
            visit.session.person.profile.kind == .organisation ? "banner.right-organisation" : "banner.right"
        return [
            "whose": visit.text("banner.whose", ["name": name(dossier)]), "parts": parts(dossier),
            "right": visit.text(
                right,
                [
                    "mandate": mandate.mandateType.name[visit.language], "organisation": visit.page.workingAs ?? "",
                ]),
        ] as [String: any Sendable]
    }

    /// Names of citizens are not kept with their dossiers: who has no care profession is called by her sign-in.
    private func name(_ dossier: DossierView) -> String {
        let name = PersonNames.joined(dossier.firstName, dossier.lastName)
        guard name.isEmpty, mandate == nil else { return name }
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
        _ field: ContactForm.Field, value: String, flaw: ContactForm.Flaw?, saved: String? = nil
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
            hint: saved.map { visit.text("contact.saved-now", ["value": $0]) },
            error: flaw.map { message(field, $0) }, type: settings.type, autocomplete: autocomplete,
            inputMode: settings.mode, maximumLength: field.maximumLength, width: settings.width
        ).model
    }

    private func message(_ field: ContactForm.Field, _ flaw: ContactForm.Flaw) -> String {
        let key = "contact.\(field.rawValue)-\(flaw.rawValue)"
        return visit.text(
            visit.site.renderer.hasText(key, visit.language) ? key : "contact.\(flaw.rawValue)",
            ["field": visit.text("contact.\(field.rawValue)"), "maximum": String(field.maximumLength)])
    }
}

extension Visit {
    /// A way on with its name and what one does there.
    func card(_ key: String, to path: String) -> DossierPage.Card {
        DossierPage.Card(label: text("menu.\(key)"), note: text("menu.\(key)-note"), href: path)
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
