import AuditTrail
import AuthenticationClients
import ContractCore
import EventOutbox
import Following
import HTTPTypes
import Hummingbird
import OrganisationRightsContracts
import OrganisationRightsDomain
import Process
import Vocabulary
import Web

/// The API for access managers, and for whoever wants to know whom to ask.
///
/// | operation | caller | what is needed there |
/// | --- | --- | --- |
/// | GET /me/organisations | person, scope `organisations` | nothing: the list may be empty |
/// | GET /organisations/{organisationId}/access-managers | idem | a right there, now or before; otherwise 404 |
/// | GET /organisations/{organisationId}/rights | idem | (chief) access manager of it, otherwise 404 |
/// | GET /organisations/{organisationId}/rights/{rightId} | idem | idem |
/// | POST /organisations/{organisationId}/rights | idem | idem |
/// | POST /organisations/{organisationId}/rights/{rightId}/end | idem | idem |
struct RightRoutes: Sendable {
    let listManaged: ListManagedOrganisations
    let listManagers: ListManagers
    let listRights: ListRights
    let giveRight: GiveRight
    let endRight: EndRight
    let catalogue: RoleCatalogue
    let persons: Persons
    let acts: Acts
    let verifier: AccessTokenVerifier

    func add(to router: Router<AppContext>, gate: ProjectionGate) {
        router.group()
            .add(middleware: BearerAuthentication(verifier, audience: .organisationRights))
            .add(middleware: ConsistencyMiddleware(gate))
            .getAndHead("me/organisations", use: managed)
            .getAndHead("organisations/:organisationId/access-managers", use: managers)
            .getAndHead("organisations/:organisationId/rights", use: list)
            .getAndHead("organisations/:organisationId/rights/:rightId", use: show)
            .post("organisations/:organisationId/rights", use: give)
            .post("organisations/:organisationId/rights/:rightId/end", use: end)
    }

    @Sendable
    private func managed(_ request: Request, _ context: AppContext) async throws -> Response {
        let caller = try context.requirePerson(scope: Scope.organisations)
        let after = try Self.after(request, of: Identified.Organisation.self, "This is no id of an organisation.")
        let page = try await listManaged(caller.personID, after: after)
        return try .json(
            ManagedOrganisations(
                organisations: page.organisations.map { managed in
                    ManagedOrganisations.Entry(
                        organisationId: managed.organisation, name: managed.name, type: managed.type,
                        enterpriseNumber: managed.enterpriseNumber, managerRole: managed.role.published)
                }, next: page.hasMore ? page.organisations.last?.organisation : nil))
    }

    @Sendable
    private func managers(_ request: Request, _ context: AppContext) async throws -> Response {
        let caller = try context.requirePerson(scope: Scope.organisations)
        let organisation = try context.identifier("organisationId", of: Identified.Organisation.self)
        let managers = try await listManagers(of: organisation, for: caller.personID).granted()
        let names = await persons.names(of: managers.first.map(\.person), origin: context.origin)
        return try .json(
            OrganisationManagers(
                managers: managers.first.map { manager in
                    OrganisationManagers.Manager(
                        personName: names[manager.person], nameUnavailable: names.isUnavailable(manager.person),
                        role: manager.role.published)
                }, others: managers.others))
    }

    @Sendable
    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let caller = try context.requirePerson(scope: Scope.organisations)
        let organisation = try context.identifier("organisationId", of: Identified.Organisation.self)
        let after = try Self.after(request, of: Identified.Right.self, "This is no id of a right.")
        let list = try Self.list(request)
        let page = try await listRights(organisation, for: caller.personID, list, after: after).granted()
        let rights = await published(page.rights, context)
        return try .json(
            OrganisationRights(
                organisationId: page.organisation.id, name: page.organisation.name, roles: catalogue.published,
                rights: rights, next: page.hasMore ? rights.last?.rightId : nil))
    }

    @Sendable
    private func show(_ request: Request, _ context: AppContext) async throws -> Response {
        let caller = try context.requirePerson(scope: Scope.organisations)
        let organisation = try context.identifier("organisationId", of: Identified.Organisation.self)
        let right = try context.identifier("rightId", of: Identified.Right.self)
        let found = try await listRights.right(right, in: organisation, for: caller.personID).granted()
        guard let right = await published(found, context).first else { throw Problem(.notFound) }
        return try .json(right)
    }

    /// Rights as their managers see them.
    ///
    /// Whose number a waiting right has is never asked: the name is the typed one.
    private func published(_ rights: ListedRights, _ context: AppContext) async -> [OrganisationRights.Right] {
        switch rights {
        case .waiting(let waiting): return waiting.map(\.published)
        case .rights(let rights):
            let names = await persons.names(of: rights.map(\.right.person), origin: context.origin)
            return rights.map { $0.published(named: names) }
        }
    }

    @Sendable
    private func give(_ request: Request, _ context: AppContext) async throws -> Response {
        let caller = try context.requirePerson(scope: Scope.organisations)
        let organisation = try context.identifier("organisationId", of: Identified.Organisation.self)
        let body = try await request.decodeJSON(
            as: OrganisationRightsContracts.GiveRight.self, limit: 4 * 1024, context: context)
        let act = acts.of(caller, context)
        let command = GiveRight.Command(
            organisation: organisation, number: try Self.number(body, today: act.day),
            lastName: try Self.lastName(body), role: body.role, period: try Self.period(body))
        switch try await giveRight(command, act).granted() {
        case .right(let right, let positions):
            return try .json(right.changed, status: .created, positions: positions)
        case .waiting(let waiting):
            return try .json(
                RightChanged(rightId: waiting.id, version: 1, status: .waiting), status: .created)
        }
    }

    @Sendable
    private func end(_ request: Request, _ context: AppContext) async throws -> Response {
        let caller = try context.requirePerson(scope: Scope.organisations)
        let command = EndRight.Command(
            organisation: try context.identifier("organisationId"), right: try context.identifier("rightId"))
        switch try await endRight(command, acts.of(caller, context)).granted() {
        case .right(let right, let positions): return try .json(right.changed, positions: positions)
        case .waiting(let id): return try .json(RightChanged(rightId: id, version: 1, status: .neverBegan))
        }
    }

    private static func lastName(_ body: OrganisationRightsContracts.GiveRight) throws(Problem) -> LastName {
        do {
            return try LastName(body.lastName)
        } catch {
            throw .invalidField("lastName", "A last name has 1 to 100 characters, and no control characters.")
        }
    }

    private static func number(
        _ body: OrganisationRightsContracts.GiveRight, today: LocalDate
    ) throws(Problem) -> NationalNumber {
        do {
            return try NationalNumber(body.nationalNumber, today: today)
        } catch {
            throw .invalidField("nationalNumber", "This is no national number or BIS number.")
        }
    }

    private static func period(_ body: OrganisationRightsContracts.GiveRight) throws(Problem) -> Period {
        guard let period = Period(start: body.startsOn, end: body.endsOn) else {
            throw .invalidField("endsOn", "The right must not end before it starts.")
        }
        return period
    }

    private static func after<Owner>(
        _ request: Request, of _: Owner.Type, _ otherwise: String
    ) throws(Problem) -> Identifier<Owner>? {
        guard let text = request.uri.queryParameters["after"] else { return nil }
        guard let id = Identifier<Owner>(String(text)) else { throw .invalidField("after", otherwise) }
        return id
    }

    private static func list(_ request: Request) throws(Problem) -> RightList {
        guard let text = request.uri.queryParameters["status"] else { return .active }
        guard let list = RightList(rawValue: String(text)) else {
            throw .invalidField("status", "It is one of \(RightList.allCases.map(\.rawValue)).")
        }
        return list
    }
}

extension RoleCatalogue {
    /// The roles by code, with their names by language.
    var published: [String: [String: String]] {
        Dictionary(
            uniqueKeysWithValues: roles.map { role in
                (role.code, Dictionary(uniqueKeysWithValues: Language.allCases.map { ($0.rawValue, role.name[$0]) }))
            })
    }
}

extension ListedRight {
    fileprivate func published(named names: KnownNames) -> OrganisationRights.Right {
        OrganisationRights.Right(
            rightId: right.id, version: right.version, personName: names[right.person],
            nameUnavailable: names.isUnavailable(right.person), maskedNationalNumber: maskedNumber, role: right.role,
            status: right.standing, startsOn: right.period.start, endsOn: right.period.end)
    }
}

extension ListedWaitingRight {
    fileprivate var published: OrganisationRights.Right {
        let request = stored.request
        return OrganisationRights.Right(
            rightId: stored.id, version: 1, personName: lastName?.text, maskedNationalNumber: stored.maskedNumber,
            role: request.role, status: stored.endedAt == nil ? .waiting : .neverBegan,
            startsOn: request.period.start, endsOn: request.period.end)
    }
}

extension Right {
    fileprivate var standing: RightStanding { state == .active ? .active : .ended }

    fileprivate var changed: RightChanged { RightChanged(rightId: id, version: version, status: standing) }
}
