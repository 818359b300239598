import Clients
import ContractCore
import HTTPTypes
import Hummingbird
import MandateRegistryClients
import MandateRegistryContracts
import Pages
import PortalDomain
import Vocabulary
import Web

/// "Mijn mandaten": the mandates that a person gave, and stopping one.
///
/// | route | who |
/// | --- | --- |
/// | `GET /mandates`, `GET,POST /mandates/{mandateId}/stop` | the grantor |
struct MandateRoutes: Sendable {
    let portal: PortalPages

    func add(to router: Router<AppContext>) {
        router.get(RouterPath(PortalPaths.mandates), use: portal.signedIn(list))
        router.get("/mandates/:mandateId/stop", use: portal.signedIn(confirm))
        router.post("/mandates/:mandateId/stop", use: portal.signedIn(stop))
    }

    @Sendable private func list(_ visit: Visit) async throws -> Response {
        let page = try await given(visit)
        let given = page.mandates
        var model = PageHeading(visit.text("mandates.title"), lead: visit.text("mandates.lead")).model
        let stopped = visit.query("stopped").flatMap(MandateID.init)
        var ended: GivenMandate?
        if let stopped { ended = try await find(stopped, visit).flatMap { $0.status == .active ? nil : $0 } }
        model["explanation"] =
            ended.map { mandate in
                Explanation(
                    title: visit.text("mandates.stopped", ["holder": holder(mandate, visit, within: true)]),
                    tone: .right,
                    paragraphs: [visit.text("mandates.stopped-effect")], alert: true
                ).model as any Sendable
            } ?? false
        model["table"] = given.isEmpty ? false as any Sendable : table(given, visit)
        model["none"] = given.isEmpty
        let older = page.next.map { (visit.text("mandates.older"), "\(PortalPaths.mandates)?after=\($0)") }
        let newest = visit.query("after").map { _ in (visit.text("mandates.newest"), PortalPaths.mandates) }
        model["buttons"] =
            ([older, newest].compactMap(\.self) + [(visit.text("button.back-to-dossier"), PortalPaths.welcome)]).map {
                PageButton($0.0, href: $0.1).model
            }
        return visit.render("mandates", model, title: "mandates.title")
    }

    private func table(_ given: [GivenMandate], _ visit: Visit) -> any Sendable {
        let columns = ["holder", "type", "period", "status", "stop"].map { visit.text("mandates.column-\($0)") }
        let rows = given.map { mandate -> [TableCell] in
            let end: TableCell =
                mandate.status.canBeStopped
                ? .link(
                    visit.text("mandates.stop"), href: "\(PortalPaths.mandates)/\(mandate.mandateId)/stop",
                    about: visit.text("mandates.stop-about", ["holder": holder(mandate, visit, within: true)])) : .empty
            return [
                .text(holder(mandate, visit)), .text(mandate.type.name[visit.language]),
                .text(period(mandate.startsOn, mandate.endsOn, visit)),
                .text(visit.text("mandates.status-\(mandate.status.rawValue)")), end,
            ]
        }
        return DataTable(caption: visit.text("mandates.caption"), columns: columns, rows: rows).model
    }

    @Sendable private func confirm(_ visit: Visit) async throws -> Response {
        let mandate = try await mandate(visit)
        let facts = [
            ("mandates.column-holder", holder(mandate, visit)),
            ("mandates.column-type", mandate.type.name[visit.language]),
            ("mandates.column-period", period(mandate.startsOn, mandate.endsOn, visit)),
        ]
        var model = PageHeading(visit.text("mandates.confirm-title"), lead: visit.text("mandates.confirm-lead")).model
        model["action"] = "\(PortalPaths.mandates)/\(mandate.mandateId)/stop"
        model["facts"] = facts.map { ["label": visit.text($0.0), "value": $0.1] }
        model["hidden"] = [[String: String]]()
        model["buttons"] = [
            PageButton(submit: visit.text("mandates.confirm-stop"), kind: .danger).model,
            PageButton(visit.text("button.cancel"), href: PortalPaths.mandates).model,
        ]
        return visit.render("confirm", model, title: "mandates.confirm-title")
    }

    @Sendable private func stop(_ visit: Visit) async throws -> Response {
        _ = try await visit.form()
        let mandate = try await mandate(visit)
        let written = try await portal.neighbours.mandates.stop(
            mandate.mandateId, token: try await visit.access.token(for: .mandateRegistry),
            origin: visit.access.origin(for: .mandateRegistry))
        await visit.access.remember(written.position)
        return .seeOther("\(PortalPaths.mandates)?stopped=\(mandate.mandateId)")
    }

    /// The page of mandates that the address asks for.
    private func given(_ visit: Visit) async throws -> GivenMandates {
        try await portal.neighbours.mandates.mandatesGiven(
            after: visit.query("after").flatMap(MandateID.init),
            token: try await visit.access.token(for: .mandateRegistry),
            origin: visit.access.origin(for: .mandateRegistry))
    }

    /// A mandate that this person gave; nothing when there is none.
    private func find(_ id: MandateID, _ visit: Visit) async throws -> GivenMandate? {
        do {
            return try await portal.neighbours.mandates.mandateGiven(
                id, token: try await visit.access.token(for: .mandateRegistry),
                origin: visit.access.origin(for: .mandateRegistry))
        } catch let error as RemoteError where error.isProblem(.notFound) {
            return nil
        }
    }

    /// The mandate of the address, when this person gave it and it can still be stopped.
    private func mandate(_ visit: Visit) async throws -> GivenMandate {
        let id: MandateID = try visit.context.identifier("mandateId")
        guard let mandate = try await find(id, visit) else { throw Problem(.notFound) }
        guard mandate.status.canBeStopped else {
            throw Problem(.conflict, reasons: [Reason(.mandateAlreadyEnded)])
        }
        return mandate
    }

    /// The holder's name, or what tells a person apart; `within` a sentence it begins with a small letter.
    private func holder(_ mandate: GivenMandate, _ visit: Visit, within: Bool = false) -> String {
        // Two people may have one name; the mandate's reference tells them apart.
        if let name = mandate.holderName {
            return mandate.holderKind == "person"
                ? visit.text("mandates.holder-named", ["name": name, "reference": mandate.reference]) : name
        }
        let key = within ? "mandates.holder-person-within" : "mandates.holder-person"
        let person = visit.text(key, ["reference": mandate.reference])
        return mandate.nameUnavailable ? visit.text("mandates.holder-unavailable", ["person": person]) : person
    }
}

extension MandateStatus {
    /// Whether its grantor can still end it.
    var canBeStopped: Bool { self == .active || self == .offered }
}

/// A period as people write it.
func period(_ start: LocalDate, _ end: LocalDate?, _ visit: Visit) -> String {
    guard let end else { return visit.text("period.from", ["start": start.written]) }
    return visit.text("period.from-to", ["start": start.written, "end": end.written])
}
