import FoundationEssentials
import MandateRegistry
import Postgres
import Process
import TestStore
import Testing

@Suite("What the list of waiting mandates reads among 100,000 rows")
struct WaitingListPlanTests {
    @Test("a page of 500 is read in the order of the ids, wherever it begins")
    func pages() async throws {
        try await TestPostgres.withDatabase(
            schema: MandateRegistryService.schema, migrations: MandateRegistryService.migrations
        ) { test in
            try await test.fill([
                """
                INSERT INTO waiting_mandate (id, grantor_person, grantor_dossier, grantor_profession, person_id, type,
                    starts_on, last_name, delivered_at, waits_until)
                SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'persphysician', gen_random_uuid(),
                    'social-statute', current_date, '\\x0131'::bytea || decode(repeat('00', 40), 'hex'), now(),
                    now() + interval '90 days'
                FROM generate_series(1, 100000)
                """
            ])
            let list = try #require(MandateRegistryService.waiting.first)
            for behind in [nil, "80000000-0000-4000-8000-000000000000", "ffffffff-ffff-4fff-bfff-ffffffffffff"] {
                let behind = behind.flatMap(UUID.init(uuidString:))
                let reads = try await test.database.reads { session in _ = try list.page(behind, session) }
                #expect(reads.blocks > 0 && reads.blocks <= 700 && reads.scanned.isEmpty, "\(reads)")
            }
        }
    }
}
