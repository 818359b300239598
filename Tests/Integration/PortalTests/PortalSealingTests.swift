import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Portal
import PortalDomain
import Postgres
import Process
import Sealing
import Testing
import Vocabulary
import Web

/// What the portal keeps sealed, under a ring of keys with these ids.
func sealedData(_ ring: [String]) throws -> SealedData {
    PortalSeal(try configuration("http://api.test", sealing: ring).sealingKey).stored
}

@Suite("Replacing the portal's sealing key")
struct PortalSealingTests {
    private func unknownKeys(_ ring: [String], _ world: PortalWorld) async throws -> [String] {
        let data = try sealedData(ring)
        return try await world.database.read { session in try data.unknownKeys(in: session) }
    }

    @Test("behind, first, sealed again, out: an open session and its tab notice nothing")
    func procedure() async throws {
        try await withPortal { world in
            let dossier = world.services.add(ForeignDossier(lastName: "Sleutel"))
            let browser = try await world.signedIn()
            let tab = try #require(try await open(dossier, in: browser).tab)
            #expect(try await unknownKeys(["2"], world).count == 2)
            for ring in [["1", "2"], ["2", "1"]] {
                #expect(try await unknownKeys(ring, world) == [])
                try await withSecondInstance(of: world, sealing: ring) { other in
                    let page = try await browser.moved(to: other).get("/t/\(tab)/dossier")
                    #expect(page.contains("An Sleutel"))
                }
                try await sealedData(ring).keep(on: world.database, logger: world.base.logger)
            }
            #expect(try await unknownKeys(["2"], world) == [])
            #expect(
                try await world.count(
                    """
                    SELECT count(*) FROM (
                        SELECT tokens_key_id AS id FROM session UNION ALL SELECT context_key_id FROM tab
                    ) AS sealed WHERE id = '2'
                    """) == 2)
            try await withSecondInstance(of: world, sealing: ["2"]) { other in
                let page = try await browser.moved(to: other).get("/t/\(tab)/dossier")
                #expect(page.contains("An Sleutel"))
            }
        }
    }

    @Test("every sealed column of the schema is in the list of what is sealed again")
    func completeList() async throws {
        try await withPortal { world in
            let found = try await world.database.read { session in
                try session.query(
                    """
                    SELECT table_name || '.' || column_name FROM information_schema.columns
                    WHERE table_schema = 'portal' AND generation_expression LIKE '%get_byte%'
                    """
                ).map { try $0.decode(String.self) }
            }
            #expect(Set(found) == Set(try sealedData(["1"]).keyColumns))
        }
    }
}
