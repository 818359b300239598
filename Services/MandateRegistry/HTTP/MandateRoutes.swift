package import AuditTrail
import AuthenticationClients
import ContractCore
package import Hummingbird
import MandateRegistryContracts
import MandateRegistryDomain
package import Postgres
import Process
import Vocabulary
package import Web

/// What the parties to mandates do with them.
///
/// | operation | caller | scope |
/// | --- | --- | --- |
/// | `GET /mandates/given`, `GET /mandates/given/{mandateId}` | person: sees what she gave herself | `mandates` |
/// | `POST /mandates/{mandateId}/stop` | person: the grantor, or the holder under the profile that holds it | `mandates` |
///
/// A mandate of others does not exist: 404.
package struct MandateRoutes: Sendable {
    /// Mandates on a page.
    package static let pageSize = 200

    private let database: Database
    private let acts: Acts
    private let end: EndMandate
    private let persons: any PersonResolver

    package init(database: Database, acts: Acts, end: EndMandate, persons: any PersonResolver) {
        self.database = database
        self.acts = acts
        self.end = end
        self.persons = persons
    }

    /// Adds the operations.
    package func add(to group: RouterGroup<AppContext>) {
        group.getAndHead("/mandates/given", use: given)
        group.getAndHead("/mandates/given/{mandateId}", use: one)
        group.post("/mandates/{mandateId}/stop", use: stop)
    }

    @Sendable private func given(_ request: Request, _ context: AppContext) async throws -> Response {
        let caller = try context.requirePerson(scope: Scope.mandates)
        let after = try Self.after(request)
        let given = try await database.read { session in
            try MandateStore.given(by: caller.personID, after: after, limit: Self.pageSize + 1, in: session)
        }
        let today = acts.today()
        let page = given.prefix(Self.pageSize)
        let names = await persons.names(of: page.compactMap(\.mandate.terms.holder.person), origin: context.origin)
        return try Response.json(
            GivenMandates(
                mandates: page.map { Self.view($0, named: names, on: today) },
                next: given.count > page.count ? page.last?.mandate.id : nil))
    }

    @Sendable private func one(_ request: Request, _ context: AppContext) async throws -> Response {
        let caller = try context.requirePerson(scope: Scope.mandates)
        let id = try context.identifier("mandateId") as MandateID
        let given = try await database.read { session in
            try MandateStore.given(id, by: caller.personID, in: session)
        }
        guard let given else { throw Problem(.notFound) }
        let names = await persons.names(
            of: [given.mandate.terms.holder.person].compactMap(\.self), origin: context.origin)
        return try Response.json(Self.view(given, named: names, on: acts.today()))
    }

    @Sendable private func stop(_ request: Request, _ context: AppContext) async throws -> Response {
        let caller = try context.requirePerson(scope: Scope.mandates)
        let id = try context.identifier("mandateId") as MandateID
        let ended = try await end(id, acts.of(caller, context))
            .granted(orTelling: "The mandate is over already; nothing was changed.")
        let mandate = ended.mandate
        return try Response.json(
            MandateEnded(mandateId: mandate.id, version: mandate.version, status: mandate.announcedStatus),
            positions: ended.positions)
    }

    private static func after(_ request: Request) throws(Problem) -> MandateID? {
        guard let text = request.uri.queryParameters["after"] else { return nil }
        guard let id = MandateID(String(text)) else { throw .invalidField("after", "This is no id of a mandate.") }
        return id
    }

    private static func view(
        _ given: MandateStore.Given, named names: KnownNames, on day: LocalDate
    ) -> GivenMandate {
        let (mandate, terms) = (given.mandate, given.mandate.terms)
        return GivenMandate(
            mandateId: mandate.id, version: mandate.version, type: terms.type,
            // The calendar counts, though the end may not be written down yet.
            status: mandate.standing(on: day) == .over(.expired) ? .expired : mandate.announcedStatus,
            holderKind: terms.holder.organisation == nil ? "person" : "organisation",
            holderName: given.holderName ?? terms.holder.person.flatMap { names[$0] },
            nameUnavailable: terms.holder.person.map(names.isUnavailable) ?? false,
            reference: mandate.reference, profession: terms.grantor.profession, startsOn: terms.period.start,
            endsOn: terms.period.end)
    }
}
