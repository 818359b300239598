import Contracts
import HTTPClients
import HTTPTypes
import Hummingbird
import Pages
import PortalDomain
import ServiceKit
import Vocabulary

/// "Mandaatgever zoeken": for whom a person holds a mandate, and opening a dossier.
///
/// | route | who |
/// | --- | --- |
/// | `POST /tabs` | a signed-in person: another tab to search in |
/// | `GET,POST /t/{tab}/grantors`, `POST /t/{tab}/open` | a holder, within her own grantors |
struct GrantorRoutes: Sendable {
    let portal: PortalPages

    func add(to router: Router<AppContext>) {
        router.post(RouterPath(PortalPaths.tabs), use: portal.signedIn(create))
        router.get("/t/:tab/grantors", use: portal.signedIn(all))
        router.post("/t/:tab/grantors", use: portal.signedIn(search))
        router.post("/t/:tab/open", use: portal.signedIn(open))
    }

    @Sendable private func create(_ visit: Visit) async throws -> Response {
        _ = try await visit.form()
        let tab = try await portal.tabs.create(for: visit.access)
        return .seeOther(PortalPaths.tab(tab.handle, "grantors"))
    }

    @Sendable private func all(_ visit: Visit) async throws -> Response {
        let tab = try await portal.tab(visit)
        return try await show(GrantorCriteria(FormData()), visit, tab)
    }

    @Sendable private func search(_ visit: Visit) async throws -> Response {
        let tab = try await portal.tab(visit)
        let criteria = GrantorCriteria(try await visit.form())
        let flaws = criteria.flaws(today: portal.today())
        guard flaws.isEmpty else { return searchPage(criteria, flaws: flaws, found: nil, visit, tab) }
        return try await show(criteria, visit, tab)
    }

    @Sendable private func open(_ visit: Visit) async throws -> Response {
        let tab = try await portal.tab(visit)
        guard let dossier: DossierID = visit.identifier("dossier", in: try await visit.form()) else {
            throw Problem(.malformedRequest)
        }
        do {
            let opened = try await portal.tabs.open(dossier, from: tab, for: visit.access)
            return .seeOther(PortalPaths.tab(opened.handle, "dossier"))
        } catch Tabs.Failure.refused(let reasons) {
            throw Problem(.refused, reasons: reasons)
        } catch Tabs.Failure.remote(let error) {
            throw error
        }
    }

    private func show(_ criteria: GrantorCriteria, _ visit: Visit, _ tab: Tab) async throws -> Response {
        let found = try await portal.neighbours.mandates.searchGrantors(
            GrantorSearch(criteria), token: try await visit.access.token(),
            origin: visit.access.origin(for: .mandateRegistry))
        return searchPage(criteria, flaws: [], found: found, visit, tab)
    }

    private func searchPage(
        _ criteria: GrantorCriteria, flaws: [GrantorCriteria.Field], found: GrantorPage?, _ visit: Visit, _ tab: Tab
    ) -> Response {
        let action = PortalPaths.tab(tab.handle, "grantors")
        var model = PageHeading(visit.text("grantors.title")).model
        model["action"] = action
        model["fields"] = GrantorCriteria.Field.allCases.map { field in
            FormField(
                name: field.rawValue, label: visit.text("grantors.\(field.rawValue)"), value: criteria.value(field),
                error: flaws.contains(field) ? visit.text("grantors.\(field.rawValue)-wrong") : nil,
                autocomplete: "off", inputMode: field.isNumber ? "numeric" : nil,
                maximumLength: GrantorCriteria.maximumLength, width: .long
            ).model
        }
        if !flaws.isEmpty {
            model["errors"] =
                ErrorSummary(flaws.map { (visit.text("grantors.\($0.rawValue)-wrong"), $0.rawValue) }).model
        }
        model["buttons"] = [PageButton(submit: visit.text("grantors.search")).model]
        model["results"] = found.map { results($0, criteria, action, visit, tab) as any Sendable } ?? false
        return visit.render(
            "grantors", model, title: "grantors.title", status: flaws.isEmpty ? .ok : .unprocessableContent)
    }

    private func results(
        _ found: GrantorPage, _ criteria: GrantorCriteria, _ action: String, _ visit: Visit, _ tab: Tab
    ) -> [String: any Sendable] {
        let columns = ["name", "profession", "riziv", "mandate", "open"].map { visit.text("grantors.column-\($0)") }
        let rows = found.grantors.map { grantor -> [TableCell] in
            let name = "\(grantor.lastName) \(grantor.firstName)"
            return [
                .text(name), .text(grantor.profession.name[visit.language]),
                .text(grantor.rizivNumber?.formatted ?? "–"),
                .text(grantor.mandateTypes.map { $0.name[visit.language] }.joined(separator: ", ")),
                .button(
                    visit.text("grantors.open"), action: PortalPaths.tab(tab.handle, "open"),
                    hidden: ["dossier": grantor.dossierId.description],
                    about: visit.text("grantors.open-about", ["name": name])),
            ]
        }
        let pages = GrantorCriteria.pages(total: found.total, size: GrantorSearch.pageSize)
        let position = visit.text("pagination.position", ["page": String(found.page), "pages": String(pages)])
        return [
            "count": visit.text(
                "grantors.count", ["total": String(found.total), "size": String(GrantorSearch.pageSize)]),
            "none": found.grantors.isEmpty,
            "table": found.grantors.isEmpty
                ? false as any Sendable
                : DataTable(caption: visit.text("grantors.caption"), columns: columns, rows: rows).model,
            "pagination": pages > 1
                ? Pagination(
                    action: action, page: found.page, pages: pages, hidden: criteria.fields, position: position
                ).model as any Sendable : false,
        ]
    }
}

extension GrantorCriteria {
    init(_ form: FormData) {
        self.init(
            rizivNumber: form.trimmed("rizivNumber"), nationalNumber: form.trimmed("nationalNumber"),
            lastName: form.trimmed("lastName"), firstName: form.trimmed("firstName"),
            page: min(max(form["page"].flatMap(Int.init) ?? 1, 1), GrantorCriteria.lastPage))
    }

    func value(_ field: Field) -> String {
        switch field {
        case .rizivNumber: rizivNumber
        case .nationalNumber: nationalNumber
        case .lastName: lastName
        case .firstName: firstName
        }
    }

    /// The fields that are filled in, for the next page of results.
    var fields: [String: String] {
        var fields: [String: String] = [:]
        for field in Field.allCases where !value(field).isEmpty { fields[field.rawValue] = value(field) }
        return fields
    }
}

extension GrantorCriteria.Field {
    var isNumber: Bool { self == .rizivNumber || self == .nationalNumber }
}

extension GrantorSearch {
    init(_ criteria: GrantorCriteria) {
        func filled(_ text: String) -> String? { text.isEmpty ? nil : text }
        self.init(
            rizivNumber: filled(criteria.rizivNumber), nationalNumber: filled(criteria.nationalNumber),
            lastName: filled(criteria.lastName), firstName: filled(criteria.firstName), page: criteria.page)
    }
}
