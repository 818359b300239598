import Hummingbird
import Pages
import ProfileResolutionDomain
import Vocabulary
import Web

/// The fields of the picker's form.
struct PickerForm: Sendable {
    static let interactionField = "interaction"
    static let profileField = "profile"
    static let organisationField = "organisation"
    static let citizenValue = "citizen"

    /// What was selected; nothing when a field holds what no page of ours offers.
    let selection: PickerSelection?

    init(_ form: FormData) {
        let profile = form[Self.profileField] ?? Self.citizenValue
        let organisation = form[Self.organisationField] ?? ""
        let profession = Profession(code: profile)
        let organisationID = OrganisationID(organisation)
        guard profile == Self.citizenValue || profession != nil, organisation.isEmpty || organisationID != nil else {
            selection = nil
            return
        }
        selection = PickerSelection(profession: profession, organisationID: organisationID)
    }
}

/// The picker as a page: whom the person can be, and why not whom she cannot be.
struct PickerPage {
    /// Why the page is shown again.
    enum Problem {
        case unreadable
        case refused(Refusal)
    }

    let view: PickerView
    let language: Language
    var selection: PickerSelection?
    var problem: Problem?

    /// - Parameter cancelURL: where she gives up and returns to the portal.
    func response(_ site: PageSite, cancelURL: String, _ context: PageContext) -> Response {
        let renderer = site.renderer
        let text = { (key: String) in renderer.text(key, [:], language) }
        var model = PageHeading(
            text("picker.heading"),
            caption: PersonNames.joined(view.interaction.firstName, view.interaction.lastName),
            lead: text("picker.lead")
        ).model
        model["interaction"] = view.interaction.id.description
        model["signOut"] = view.interaction.signOutURL
        model["profile"] = profiles(renderer).model
        model["organisation"] = organisations.isEmpty ? false as any Sendable : organisationField(renderer).model
        model["explanations"] = explanations(renderer).map(\.model)
        let cancel = renderer.text("picker.cancel", ["client": view.interaction.clientName], language)
        model["buttons"] = [
            PageButton(submit: text("picker.confirm")).model, PageButton(cancel, href: cancelURL).model,
        ]
        model["errors"] = errors(renderer).orAbsent
        return renderer.page(
            "choose-profile", model, title: "picker.title", context: context,
            status: problem == nil ? .ok : .unprocessableContent)
    }

    // MARK: - Fields

    private var selectedProfile: String { selection?.profession?.code ?? PickerForm.citizenValue }

    private func profiles(_ renderer: PageRenderer) -> RadioGroup {
        let text = { (key: String) in renderer.text(key, [:], language) }
        let citizen = Choice(
            value: PickerForm.citizenValue, label: PersonFacts.citizenName[language], note: text("picker.citizen.note"))
        let professions = view.options.compactMap { option -> Choice? in
            guard case .profession(let profession) = option.profile else { return nil }
            return Choice(
                value: profession.code, label: option.name[language],
                note: isExplained(profession) ? nil : note(option, renderer),
                disabled: option.refusal != nil)
        }
        var groups = [ChoiceGroup([citizen])]
        if !professions.isEmpty { groups.append(ChoiceGroup(title: text("picker.professions"), professions)) }
        return RadioGroup(
            name: PickerForm.profileField, legend: text("picker.legend"), groups: groups, selected: selectedProfile,
            error: fieldError(PickerForm.profileField, renderer))
    }

    private var organisations: [(id: OrganisationID, option: ProfileOption)] {
        view.options.compactMap { option in
            guard case .organisation(let id) = option.profile else { return nil }
            return (id, option)
        }
    }

    private func organisationField(_ renderer: PageRenderer) -> SelectField {
        let choices = organisations.map { id, option in
            Choice(value: id.description, label: option.name[language], disabled: option.refusal != nil)
        }
        let none = Choice(value: "", label: renderer.text("picker.organisation.none", [:], language))
        return SelectField(
            name: PickerForm.organisationField, label: renderer.text("picker.organisation", [:], language),
            groups: [
                ChoiceGroup([none]), ChoiceGroup(title: renderer.text("picker.enterprise", [:], language), choices),
            ],
            selected: selection?.organisationID?.description ?? "",
            hint: renderer.text("picker.organisation.hint", [:], language),
            error: fieldError(PickerForm.organisationField, renderer), optional: true)
    }

    /// Whether the fields say already why this profession was refused, so that its button need not say it once more.
    private func isExplained(_ profession: Profession) -> Bool {
        guard case .refused = problem else { return false }
        return !isAboutOrganisation && selection?.profession == profession
    }

    /// Why a profession cannot be chosen and what helps, in one text that goes with its button.
    private func note(_ option: ProfileOption, _ renderer: PageRenderer) -> String? {
        guard let refusal = option.refusal else { return nil }
        return texts(of: refusal.reasons, renderer)
            .flatMap { [$0.text, $0.remedy].compactMap(\.self) }.joined(separator: " ")
    }

    /// Reasons for this page, where "sign out and choose another profile" is no advice: she is choosing.
    private func texts(of reasons: [Reason], _ renderer: PageRenderer) -> [Explanation.ReasonText] {
        renderer.texts(
            of: reasons.map { reason in
                reason.remedy == .chooseAnotherProfile ? Reason(reason.code, facts: reason.facts) : reason
            },
            in: language)
    }

    // MARK: - Explanations

    private func explanations(_ renderer: PageRenderer) -> [Explanation] {
        let text = { (key: String) in renderer.text(key, [:], language) }
        let barred = organisations.compactMap { $0.option.refusal.map(\.reasons) }.flatMap(\.self)
        var boxes: [Explanation] = []
        if !barred.isEmpty {
            boxes.append(
                Explanation(
                    id: "barred-organisations", title: text("picker.barred.title"), tone: .warn,
                    reasons: texts(of: barred, renderer)))
        }
        boxes.append(
            Explanation(
                id: "profession-help", title: text("picker.profession-help.title"),
                paragraphs: [text("picker.profession-help.1"), text("picker.profession-help.2")]))
        boxes.append(
            Explanation(
                id: "organisation-help", title: text("picker.organisation-help.title"),
                paragraphs: [text("picker.organisation-help.1")]))
        return boxes
    }

    // MARK: - Errors

    private func errors(_ renderer: PageRenderer) -> ErrorSummary? {
        switch problem {
        case nil: return nil
        case .unreadable:
            return ErrorSummary([
                (renderer.text("picker.unreadable", [:], language), "\(PickerForm.profileField)-first")
            ])
        case .refused(let refusal):
            let target = isAboutOrganisation ? PickerForm.organisationField : "\(PickerForm.profileField)-first"
            let shown = isAboutOrganisation && organisations.isEmpty ? nil : target
            return ErrorSummary(
                texts(of: refusal.reasons, renderer).map { reason in
                    ([reason.text, reason.remedy].compactMap(\.self).joined(separator: " "), shown)
                })
        }
    }

    private var isAboutOrganisation: Bool { selection?.organisationID != nil }

    private func fieldError(_ field: String, _ renderer: PageRenderer) -> String? {
        switch problem {
        case nil: return nil
        case .unreadable:
            return field == PickerForm.profileField ? renderer.text("picker.unreadable", [:], language) : nil
        case .refused(let refusal):
            let concerned = isAboutOrganisation ? PickerForm.organisationField : PickerForm.profileField
            return field == concerned ? renderer.text(of: refusal.reasons[0], in: language) : nil
        }
    }
}
