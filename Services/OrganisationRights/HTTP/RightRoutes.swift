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

/// The API for access managers.
///
/// | operation | caller | what is needed there |
/// | --- | --- | --- |
/// | GET /me/organisations | person, scope `organisations` | nothing: the list may be empty |
/// | GET /organisations/{organisationId}/rights | idem | (chief) access manager of it, otherwise 404 |
/// | GET /organisations/{organisationId}/rights/{rightId} | idem | idem |
/// | POST /organisations/{organisationId}/rights | idem | idem |
/// | POST /organisations/{organisationId}/rights/{rightId}/end | idem | idem |
struct RightRoutes: Sendable {
    let listManaged: ListManagedOrganisations
    let listRights: ListRights
    let giveRight: GiveRight
    let endRight: EndRight
    let catalogue: RoleCatalogue
    let persons: Persons
    let base: ServiceBase

    func add(to router: Router<AppContext>, gate: ProjectionGate) {
        router.group()
            .add(middleware: BearerAuthentication(base.verifier, audience: .organisationRights))
            .add(middleware: ConsistencyMiddleware(gate))
            .getAndHead("me/organisations", use: managed)
            .getAndHead("organisations/:organisationId/rights", use: list)
            .getAndHead("organisations/:organisationId/rights/:rightId", use: show)
            .post("organisations/:organisationId/rights", use: give)
            .post("organisations/:organisationId/rights/:rightId/end", use: end)
    }

    @Sendable
    private func managed(_ request: Request, _ context: AppContext) async throws -> Response {
        let caller = try context.requirePerson(scope: Scope.organisations)
        let organisations = try await listManaged(caller.personID)
        return try .json(
            ManagedOrganisations(
                organisations: organisations.map { managed in
                    ManagedOrganisations.Entry(
                        organisationId: managed.organisation, name: managed.name, type: managed.type,
                        enterpriseNumber: managed.enterpriseNumber, managerRole: managed.role.published)
                }))
    }

    @Sendable
    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let caller = try context.requirePerson(scope: Scope.organisations)
        let organisation = try context.identifier("organisationId", of: Identified.Organisation.self)
        let (after, status) = (try Self.after(request), try Self.status(request))
        let page = try await answering {
            try await listRights(organisation, for: caller.personID, ended: status == .ended, after: after)
        }
        let names = await persons.names(of: page.rights.map(\.right.person), origin: context.origin)
        return try .json(
            OrganisationRights(
                organisationId: page.organisation.id, name: page.organisation.name, roles: catalogue.published,
                rights: page.rights.map { $0.published(named: names) },
                next: page.hasMore ? page.rights.last?.right.id : nil))
    }

    @Sendable
    private func show(_ request: Request, _ context: AppContext) async throws -> Response {
        let caller = try context.requirePerson(scope: Scope.organisations)
        let organisation = try context.identifier("organisationId", of: Identified.Organisation.self)
        let right = try context.identifier("rightId", of: Identified.Right.self)
        let found = try await answering { try await listRights.right(right, in: organisation, for: caller.personID) }
        let names = await persons.names(of: [found.right.person], origin: context.origin)
        return try .json(found.published(named: names))
    }

    @Sendable
    private func give(_ request: Request, _ context: AppContext) async throws -> Response {
        let caller = try context.requirePerson(scope: Scope.organisations)
        let organisation = try context.identifier("organisationId", of: Identified.Organisation.self)
        let body = try await request.decodeJSON(
            as: OrganisationRightsContracts.GiveRight.self, limit: 4 * 1024, context: context)
        let events = base.eventContext(context)
        let command = GiveRight.Command(
            organisation: organisation, number: try Self.number(body, today: base.civil.day(at: events.time)),
            role: body.role,
            period: try Self.period(body))
        let (right, positions) = try await answering {
            try await giveRight(
                command, by: Actor(caller, requestID: context.requestID), context: events, origin: context.origin)
        }
        return try .json(right.changed, status: .created, positions: positions)
    }

    @Sendable
    private func end(_ request: Request, _ context: AppContext) async throws -> Response {
        let caller = try context.requirePerson(scope: Scope.organisations)
        let command = EndRight.Command(
            organisation: try context.identifier("organisationId"), right: try context.identifier("rightId"))
        let (right, positions) = try await answering {
            try await endRight(
                command, by: Actor(caller, requestID: context.requestID), context: base.eventContext(context))
        }
        return try .json(right.changed, positions: positions)
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

    private static func after(_ request: Request) throws(Problem) -> RightID? {
        guard let text = request.uri.queryParameters["after"] else { return nil }
        guard let id = RightID(String(text)) else { throw .invalidField("after", "This is no id of a right.") }
        return id
    }

    private static func status(_ request: Request) throws(Problem) -> RightStatus {
        guard let text = request.uri.queryParameters["status"] else { return .active }
        guard let status = RightStatus(rawValue: String(text)) else {
            throw .invalidField("status", "It is one of \(RightStatus.allCases.map(\.rawValue)).")
        }
        return status
    }

    /// What the application refuses, as an answer.
    private func answering<R>(_ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch let error as RightError {
            switch error {
            case .notFound: throw Problem(.notFound)
            case .refused(let refusal): throw Problem(refusal)
            case .conflict(let refusal): throw Problem(refusal, code: .conflict)
            }
        } catch let error as RemoteError {
            throw Problem(error)
        }
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
    fileprivate func published(named names: [PersonID: String]) -> OrganisationRights.Right {
        OrganisationRights.Right(
            rightId: right.id, version: right.version, personName: names[right.person],
            maskedNationalNumber: maskedNumber, role: right.role,
            status: right.status, startsOn: right.period.start, endsOn: right.period.end)
    }
}

extension Right {
    fileprivate var changed: RightChanged { RightChanged(rightId: id, version: version, status: status) }
}
