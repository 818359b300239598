import AccessEnds
import AuditTrail
import AuthenticationClients
import Clients
package import Configuration
import ContractCore
import EventOutbox
import Following
import Hummingbird
import OrganisationRightsContracts
import OrganisationRightsDomain
package import Postgres
package import Process
import Sealing
import Settings
import Waiting
import Web

/// Organisations, their access managers, and the rights of persons in them.
package enum OrganisationRightsService: ToegangService {
    package static let name = "organisation-rights"
    package static let followsOthers = true
    package static let schema = "organisation_rights"
    package static let migrations =
        AuditSchema.migrations + OutboxSchema.migrations(of: .organisationRights) + FollowingSchema.migrations
        + EndedAccessSchema.migrations + OrganisationRightsSchema.migrations

    package static func readConfig(_ reader: ConfigReader) throws -> OrganisationRightsConfiguration {
        try OrganisationRightsConfiguration(reader)
    }

    package static func storedKeyCheck(
        _ config: OrganisationRightsConfiguration, _: ServiceBase
    ) throws -> StoredKeyCheck {
        let stored = names(config).stored
        return { session in try stored.unknownKeys(in: session) }
    }

    package static var imports: [ImportCommand<OrganisationRightsConfiguration>] {
        [
            ImportCommand(
                name: "organisations", summary: "Organisations as the register of enterprises has them.",
                columns: ImportOrganisations.columns
            ) { _, base in
                ImportOrganisations(work: work(base))
            },
            ImportCommand(
                name: "access-managers", summary: "Their chief access managers and access managers.",
                columns: ImportAccessManagers.columns
            ) { config, base in
                ImportAccessManagers(
                    work: work(base),
                    persons: Persons(client: AuthenticationClient(RemoteService(base.issuer, base: base))),
                    names: names(config))
            },
            ImportCommand(
                name: "rights", summary: "Rights of persons that were given elsewhere.",
                columns: ImportRights.columns
            ) { config, base in
                ImportRights(
                    work: work(base),
                    persons: Persons(client: AuthenticationClient(RemoteService(base.issuer, base: base))),
                    names: names(config), catalogue: config.catalogue)
            },
        ]
    }

    package static var waiting: [PagedLines] {
        [WaitingRightStore.waiting, WaitingAppointmentStore.waiting].map { list in
            PagedLines { behind, session in try list.page(behind: behind, in: session) }
        }
    }

    package static func make(
        _ config: OrganisationRightsConfiguration, _ base: ServiceBase
    ) async throws -> ServiceAssembly {
        let persons = Persons(client: AuthenticationClient(RemoteService(base.issuer, base: base)))
        // One for the process: whoever commits wakes the relay of the same outbox.
        let outbox = Self.outbox(base)
        let names = names(config)
        let ends = EndedAccessFollower(base)
        let projections = [ends.projection] + SignInProjection.all
        let gate = ProjectionGate(projections: projections, own: .organisationRights, database: base.database)
        let routes = RightRoutes(
            listManaged: ListManagedOrganisations(database: base.database),
            listManagers: ListManagers(database: base.database),
            listRights: ListRights(database: base.database, names: names),
            giveRight: GiveRight(
                database: base.database, outbox: outbox, persons: persons, names: names,
                catalogue: config.catalogue, logger: base.logger),
            endRight: EndRight(database: base.database, outbox: outbox), catalogue: config.catalogue,
            persons: persons, acts: base.acts, verifier: base.verifier)
        let router = Router(context: AppContext.self)
        router.add(middleware: OwnFactsMiddleware(base.ownFacts))
        routes.add(to: router, gate: gate)
        let rights = StartWaiting(
            database: base.database, acts: base.acts, logger: base.logger, outbox: outbox, persons: persons,
            names: names, catalogue: config.catalogue)
        let appointments = StartAppointments(
            database: base.database, acts: base.acts, logger: base.logger, outbox: outbox, persons: persons,
            names: names)
        let housekeeping = Housekeeping(
            database: base.database, acts: base.acts, logger: base.logger, rights: rights, appointments: appointments,
            sealed: names.stored)
        return ServiceAssembly(
            router: router, outbox: outbox, restatement: RestateRights.restatement, projections: projections,
            watches: [ends.watch], gate: gate, services: [ends, housekeeping], readiness: [ends.readiness],
            openAPI: OpenAPIDocument.organisationRights)
    }

    private static func names(_ config: OrganisationRightsConfiguration) -> NameSeal {
        NameSeal(config.nameKey, in: [WaitingRightStore.table, WaitingAppointmentStore.table])
    }

    private static func work(_ base: ServiceBase) -> ImportWork {
        ImportWork(database: base.database, outbox: outbox(base), acts: base.acts)
    }

    private static func outbox(_ base: ServiceBase) -> Outbox {
        Outbox(source: .organisationRights, environment: base.environment)
    }
}
