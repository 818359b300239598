import FoundationEssentials
import OrganisationRights
import Postgres
import Process
import TestStore
import Testing
import Vocabulary

@Suite("What the lists read among 100,000 rows", .serialized)
struct ListPlanTests {
    private func with(_ body: (TestDatabase) async throws -> Void) async throws {
        try await TestPostgres.withDatabase(
            schema: OrganisationRightsService.schema, migrations: OrganisationRightsService.migrations, body)
    }

    private static let organisations: SQL = """
        INSERT INTO organisation (id, version, riziv_number, name, type, status, registered_at, changed_at)
        SELECT gen_random_uuid(), 1, lpad(n::text, 8, '0'), 'Organisatie ' || md5(n::text), 'orghospital', 'active',
            now(), now()
        FROM generate_series(1, 100000) AS n
        """

    /// Has a person manage some of the organisations, or each be managed by somebody else.
    private static func appointments(of person: SQL, times: Int) -> SQL {
        """
        INSERT INTO access_manager (id, version, organisation_id, person_id, role, appointed_at)
        SELECT gen_random_uuid(), 1, id, \(fragment: person), 'access-manager', now()
        FROM organisation LIMIT \(times)
        """
    }

    @Test("the organisations that somebody manages: what she manages is read, on each page, and nothing beside it")
    func managed() async throws {
        try await with { test in
            let (few, many) = (PersonID(UUID()), PersonID(UUID()))
            try await test.fill([
                Self.organisations, Self.appointments(of: "gen_random_uuid()", times: 100_000),
                Self.appointments(of: "\(few)", times: 2), Self.appointments(of: "\(many)", times: 1_000),
            ])
            for (person, count, most) in [(PersonID(UUID()), 0, 60), (few, 2, 60), (many, 201, 6_000)] {
                let first = try await test.database.read { session in
                    try AccessManagerStore.managed(by: person, after: nil, limit: 201, in: session)
                }
                #expect(first.count == count)
                for after in [nil, first.first?.organisation, first.last?.organisation] {
                    let reads = try await test.database.reads { session in
                        _ = try AccessManagerStore.managed(by: person, after: after, limit: 201, in: session)
                    }
                    #expect(reads.blocks > 0 && reads.blocks <= most, "\(count): \(reads)")
                    #expect(reads.scanned.isEmpty, "\(count): \(reads)")
                }
            }
        }
    }

    @Test("what waits: a page of 500 is read in the order of the ids, wherever it begins and whatever waits no longer")
    func waiting() async throws {
        try await with { test in
            // Rights that wait lie between ten times as many that waited in vain.
            try await test.fill([
                """
                INSERT INTO organisation (id, version, riziv_number, name, type, status, registered_at, changed_at)
                VALUES (gen_random_uuid(), 1, '10000001', 'Ziekenhuis', 'orghospital', 'active', now(), now())
                """,
                """
                INSERT INTO waiting_right (id, organisation_id, person_id, masked_number, role, starts_on, last_name,
                    given_at, waits_until, ended_at)
                SELECT gen_random_uuid(), organisation.id, gen_random_uuid(), '85.07.30-***.**', 'member', current_date,
                    CASE WHEN n % 10 = 0 THEN '\\x0131'::bytea || decode(repeat('00', 40), 'hex') END,
                    now(), now() + interval '90 days', CASE WHEN n % 10 <> 0 THEN now() END
                FROM organisation, generate_series(1, 100000) AS n
                """,
                """
                INSERT INTO waiting_appointment (id, organisation_id, person_id, role, last_name, delivered_at,
                    waits_until)
                SELECT gen_random_uuid(), id, gen_random_uuid(), 'access-manager',
                    '\\x0131'::bytea || decode(repeat('00', 40), 'hex'), now(), now() + interval '90 days'
                FROM organisation, generate_series(1, 100000)
                """,
            ])
            // A row is read from its place, and a right that waits no longer is passed over.
            for (list, most) in zip(OrganisationRightsService.waiting, [7_000, 700]) {
                for behind in [nil, "80000000-0000-4000-8000-000000000000", "ffffffff-ffff-4fff-bfff-ffffffffffff"] {
                    let behind = behind.flatMap(UUID.init(uuidString:))
                    let reads = try await test.database.reads { session in _ = try list.page(behind, session) }
                    #expect(reads.blocks > 0 && reads.blocks <= most && reads.scanned.isEmpty, "\(reads)")
                }
            }
        }
    }
}
