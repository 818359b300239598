import ContractCore
import HTTPTypes
import Hummingbird
import MandateRegistryClients
import MandateRegistryContracts
import Pages
import PortalDomain
import Vocabulary
import Web

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
        router.get("/t/:tab/grantors", use: portal.signedIn(results))
        router.post("/t/:tab/grantors", use: portal.signedIn(search))
        router.post("/t/:tab/open", use: portal.signedIn(open))
    }

    @Sendable private func create(_ visit: Visit) async throws -> Response {
        _ = try await visit.form()
        let tab = try await portal.tabs.create(for: visit.access)
        return .seeOther(PortalPaths.tab(tab.handle, "grantors"))
    }

    /// The results of a search, or of none: all her grantors.
    ///
    /// What was searched for stands sealed in the address, so that going back to it works and no name or number is in
    /// the browser's history.
    @Sendable private func results(_ visit: Visit) async throws -> Response {
        let tab = try await portal.tab(visit)
        var criteria = GrantorCriteria(FormData())
        if let sealed = visit.query("search") {
            guard let found = portal.formSeal.search(sealed, session: visit.session.id, tab: tab.handle) else {
                return .seeOther(PortalPaths.tab(tab.handle, "grantors"))
            }
            criteria = found
        }
        let flaws = criteria.flaws(today: portal.today())
        guard flaws.isEmpty else { return try await searchPage(criteria, flaws: flaws, found: nil, visit, tab) }
        let found = try await portal.neighbours.mandates.searchGrantors(
            GrantorSearch(criteria), token: try await visit.access.token(for: .mandateRegistry),
            origin: visit.access.origin(for: .mandateRegistry))
        return try await searchPage(criteria, flaws: [], found: found, visit, tab)
    }

    @Sendable private func search(_ visit: Visit) async throws -> Response {
        let tab = try await portal.tab(visit)
        let criteria = GrantorCriteria(try await visit.form())
        return .seeOther(try address(of: criteria, visit, tab))
    }

    /// The address of a search, at its results.
    private func address(of criteria: GrantorCriteria, _ visit: Visit, _ tab: Tab) throws -> String {
        let path = PortalPaths.tab(tab.handle, "grantors")
        guard !criteria.isEmpty || criteria.page > 1 || criteria.behind != nil else { return path }
        let sealed = try portal.formSeal.seal(criteria.bounded, session: visit.session.id, tab: tab.handle)
        return "\(path)?search=\(sealed)"
    }

    @Sendable private func open(_ visit: Visit) async throws -> Response {
        let tab = try await portal.tab(visit)
        guard let dossier: DossierID = visit.identifier("dossier", in: try await visit.form()) else {
            throw Problem(.malformedRequest)
        }
        let opened = try await portal.tabs.open(dossier, from: tab, for: visit.access).granted()
        return .seeOther(PortalPaths.tab(opened.handle, "dossier"))
    }

    private func searchPage(
        _ criteria: GrantorCriteria, flaws: [GrantorCriteria.Field], found: GrantorPage?, _ visit: Visit, _ tab: Tab
    ) async throws -> Response {
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
        model["errors"] =
            ErrorSummary(flaws.map { (visit.text("grantors.\($0.rawValue)-wrong"), $0.rawValue) }).orAbsent
        model["buttons"] = [PageButton(submit: visit.text("grantors.search")).model]
        model["results"] = try found.map { try results($0, criteria, visit, tab) as any Sendable } ?? false
        model["all"] = criteria.isEmpty ? false as any Sendable : action
        model["selection"] =
            try await portal.hasSelection(visit) ? PortalPaths.profileSelection as any Sendable : false
        return visit.render(
            "grantors", model, title: "grantors.title", status: flaws.isEmpty ? .ok : .unprocessableContent)
    }

    private func results(
        _ found: GrantorPage, _ criteria: GrantorCriteria, _ visit: Visit, _ tab: Tab
    ) throws -> [String: any Sendable] {
        let columns = ["name", "profession", "riziv", "mandate", "open"].map { visit.text("grantors.column-\($0)") }
        let rows = found.grantors.map { grantor -> [TableCell] in
            let name = PersonNames.joined(grantor.lastName, grantor.firstName)
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
        let pages = min(
            GrantorCriteria.pages(total: found.total, size: GrantorSearch.pageSize), GrantorSearch.lastPage)
        let position = visit.text("pagination.position", ["page": String(found.page), "pages": String(pages)])
        return [
            "count": count(found, criteria, visit),
            // Whoever searched is shown at once what was found.
            "focus": !criteria.isEmpty || criteria.page > 1 || criteria.behind != nil,
            "none": found.grantors.isEmpty
                ? visit.text(criteria.isEmpty ? "grantors.none-at-all" : "grantors.none") as any Sendable : false,
            "table": found.grantors.isEmpty
                ? false as any Sendable
                : DataTable(caption: visit.text("grantors.caption"), columns: columns, rows: rows).model,
            "pagination": pages > 1
                ? Pagination(
                    previous: found.page > 1
                        ? try address(of: criteria.at(found.page.saturatingAdding(-1)), visit, tab) : nil,
                    next: try next(found, of: pages, criteria).map { try address(of: $0, visit, tab) },
                    position: position
                ).model as any Sendable : false,
        ]
    }
}

extension GrantorRoutes {
    /// How many were found: all of them, or those behind the ones that were seen before.
    private func count(_ found: GrantorPage, _ criteria: GrantorCriteria, _ visit: Visit) -> String {
        let key = criteria.behind == nil ? "grantors.count" : "grantors.count-behind"
        return visit.text(
            found.hasMore ? "\(key)-more" : key,
            ["total": String(found.total), "size": String(GrantorSearch.pageSize)])
    }

    /// The page after this one; behind the last page that is counted the count begins again.
    private func next(_ found: GrantorPage, of pages: Int, _ criteria: GrantorCriteria) -> GrantorCriteria? {
        if found.page < pages { return criteria.at(found.page.saturatingAdding(1)) }
        guard found.hasMore else { return nil }
        return found.grantors.last.map { criteria.behind($0.dossierId) }
    }
}

extension GrantorCriteria {
    init(_ form: FormData) {
        self.init(
            rizivNumber: form.trimmed("rizivNumber"), nationalNumber: form.trimmed("nationalNumber"),
            lastName: form.trimmed("lastName"), firstName: form.trimmed("firstName"),
            page: min(max(form["page"].flatMap(Int.init) ?? 1, 1), GrantorSearch.lastPage))
    }

    func value(_ field: Field) -> String {
        switch field {
        case .rizivNumber: rizivNumber
        case .nationalNumber: nationalNumber
        case .lastName: lastName
        case .firstName: firstName
        }
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
            lastName: filled(criteria.lastName), firstName: filled(criteria.firstName), page: criteria.page,
            behind: criteria.behind)
    }
}
