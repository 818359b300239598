import Authentication
import AuthenticationDomain
import FoundationEssentials
import Logging
import Postgres
import Process
import Sealing
import TestStore
import Testing
import Vocabulary

@Suite("Replacing sealing and index keys")
struct SealingKeyTests {
    private static let columns = [
        ("person_number", "key_id"), ("account", "app_secret_key_id"), ("signing_key", "key_id"),
    ]

    /// Keeps house until it finds nothing more to do, as the process does.
    private func keepHouse(_ parts: AuthenticationParts, _ world: World) async throws {
        let keepHouse = parts.keepHouse(logger: world.base.logger)
        try await keepHouse()
        try await keepHouse()
    }

    private func keyIDs(_ world: World, _ table: String, _ column: String) async throws -> [String] {
        try await world.database.database.read { session in
            try session.query("SELECT DISTINCT \(identifier: column) FROM \(identifier: table) ORDER BY 1")
                .map { try $0.decode(String.self) }
        }
    }

    private func unknownKeys(_ parts: AuthenticationParts) async throws -> [String] {
        return try await parts.database.read { session in
            try parts.sealed.unknownKeys(in: session) + parts.persons.unknownIndexKeys(in: session)
        }
    }

    /// Everything that a key opens still opens.
    private func expectAllReadable(
        _ parts: AuthenticationParts, _ account: TestAccount, _ number: NationalNumber, _ world: World
    ) async throws {
        let now = world.clock.now
        try await world.database.database.transaction { session in
            #expect(try parts.persons.find([number], in: session)[number] == account.person)
            #expect(try parts.accounts.find(of: account.person, in: session)?.appSecret == account.secret)
            #expect(try parts.signingKeys.all(in: session).isEmpty == false)
            let again = try parts.persons.findOrCreate(
                [number], at: now, newID: { _ in PersonID(UUID()) }, in: session)
            #expect(again[number] == account.person)
        }
    }

    @Test("the whole procedure, one key at a time: behind, first, sealed again, out")
    func procedure() async throws {
        try await World.with { world in
            let number = try World.nationalNumber(sequence: 996)
            let account = try await world.account(of: number)
            // The sealing key alone.
            for ring in [[1, 11], [11, 1]] as [[UInt8]] {
                let parts = try world.parts(sealing: ring, index: [2])
                #expect(try await unknownKeys(parts) == [])
                try await expectAllReadable(parts, account, number, world)
                try await keepHouse(parts, world)
                for (table, column) in Self.columns {
                    #expect(try await keyIDs(world, table, column) == ["s\(ring[0])"], "\(table)")
                }
            }
            let replaced = try world.parts(sealing: [11], index: [2])
            #expect(try await unknownKeys(replaced) == [])
            try await expectAllReadable(replaced, account, number, world)
            // Then the index key alone.
            for ring in [[2, 12], [12, 2]] as [[UInt8]] {
                let parts = try world.parts(sealing: [11], index: ring)
                #expect(try await unknownKeys(parts) == [])
                try await expectAllReadable(parts, account, number, world)
                try await keepHouse(parts, world)
            }
            let last = try world.parts(sealing: [11], index: [12])
            #expect(try await unknownKeys(last) == [])
            try await expectAllReadable(last, account, number, world)
            // What a stolen key could open is gone.
            try await keepHouse(last, world)
            #expect(try await keyIDs(world, "person_number_index", "key_id") == ["i12"])
            #expect(try await world.count("SELECT count(*) FROM person") == 1)
        }
    }

    @Test("a configuration that lacks a key which rows need is refused, and the key is named")
    func missingKeys() async throws {
        try await World.with { world in
            _ = try await world.account()
            let withoutSealing = try await unknownKeys(try world.parts(sealing: [11], index: [2]))
            #expect(withoutSealing.count == 3)
            #expect(withoutSealing.allSatisfy { $0.contains("\"s1\"") })
            #expect(try await unknownKeys(try world.parts(sealing: [1], index: [12])) == ["i2"])
            let config = try World.config([world.portal], policy: SignInPolicy(), sealing: [11], index: [12])
            let failure = await #expect(throws: StartFailure.self) {
                try await StartChecks.checkStoredKeys(of: AuthenticationService.self, config, world.base)
            }
            let text = failure?.description ?? ""
            #expect(text.contains("account.app_secret has rows sealed under the key \"s1\""))
            #expect(text.contains("only the key \"i2\" finds"))
            #expect(text.contains("Nothing was started"))
        }
    }

    @Test("a row that does not open keeps no other waiting, and stays as it is")
    func unopenedRow() async throws {
        try await World.with { world in
            var people: [TestAccount] = []
            for _ in 0..<3 { people.append(try await world.account()) }
            let broken = people[1].person
            try await world.database.database.transaction { session in
                try session.execute(
                    """
                    UPDATE person_number SET sealed = sealed || '\\x00'::bytea WHERE person_id = \(broken)
                    """)
                try session.execute("DELETE FROM person_number_index WHERE person_id = \(broken)")
            }
            let parts = try world.parts(sealing: [11, 1], index: [12, 2])
            try await keepHouse(parts, world)
            let left = try await world.database.database.read { session in
                try session.query("SELECT person_id FROM person_number WHERE key_id = 's1'")
                    .map { try $0.decode(PersonID.self) }
            }
            #expect(left == [broken])
            #expect(
                try await world.count("SELECT count(*) FROM person_number_index WHERE key_id = 'i12'") == 2)
            #expect(try await keyIDs(world, "account", "app_secret_key_id") == ["s11"])
        }
    }

    @Test("every sealed column of the schema is in the list of what is sealed again")
    func completeList() async throws {
        try await World.with { world in
            let columns = try await world.database.database.read { session in
                try session.query(
                    """
                    SELECT table_name || '.' || column_name FROM information_schema.columns
                    WHERE table_schema = \(AuthenticationService.schema) AND generation_expression LIKE '%get_byte%'
                    """
                ).map { try $0.decode(String.self) }
            }
            let parts = world.parts
            let listed = [
                parts.persons.vault.sealedColumn, parts.accounts.sealedColumn, parts.signingKeys.sealedColumn,
            ].map { "\($0.table).\($0.keyID)" }
            #expect(Set(columns) == Set(listed))
        }
    }
}
