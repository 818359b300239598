import Authentication
import Clients
import FoundationEssentials
import MandateRegistry
import OrganisationRights
import OrganisationRightsContracts
import Portal
import Postgres
import ProfileResolution
import TestStore
import Testing

/// The tables of each service stand in one file, as they are after all migrations.
///
/// `deploy/dev schema` writes the files anew; it runs this very test with `TOEGANG_WRITE_SCHEMAS` set.
@Suite("Schemas as files")
struct SchemaTests {
    /// A service's schema, its migrations, and the folder in which the file lies.
    struct Subject: Sendable, CustomTestStringConvertible {
        let folder: String
        let schema: String
        let migrations: [Migration]
        var testDescription: String { schema }
        var path: String { "Services/\(folder)/schema.sql" }
    }

    static let subjects = [
        Subject(
            folder: "Authentication", schema: AuthenticationService.schema,
            migrations: AuthenticationService.migrations),
        Subject(
            folder: "ProfileResolution", schema: ProfileResolutionService.schema,
            migrations: ProfileResolutionService.migrations),
        Subject(
            folder: "MandateRegistry", schema: MandateRegistryService.schema,
            migrations: MandateRegistryService.migrations),
        Subject(
            folder: "OrganisationRights", schema: OrganisationRightsService.schema,
            migrations: OrganisationRightsService.migrations),
        Subject(folder: "Portal", schema: PortalService.schema, migrations: PortalService.migrations),
    ]

    @Test("schema.sql is what the migrations make", arguments: subjects)
    func written(subject: Subject) async throws {
        let dump = try await SchemaDump.text(schema: subject.schema, migrations: subject.migrations)
        let made = """
            -- Schema \(subject.schema) after all migrations, to be read. Written by `deploy/dev schema`; never run.

            \(dump)
            """
        if ProcessInfo.processInfo.environment["TOEGANG_WRITE_SCHEMAS"] != nil {
            try Data(made.utf8).write(to: SourceTree.root.appending(path: subject.path))
        }
        let kept = (try? SourceTree.text(subject.path)) ?? ""
        let difference = made.split(separator: "\n").difference(from: kept.split(separator: "\n"))
            .prefix(20).map { change in
                switch change {
                case .insert(_, let line, _): "made: \(line)"
                case .remove(_, let line, _): "kept: \(line)"
                }
            }
        #expect(
            made == kept,
            """
            \(subject.path) is not what the migrations make; `deploy/dev schema` writes it anew:
            \(difference.joined(separator: "\n"))
            """)
    }
}
