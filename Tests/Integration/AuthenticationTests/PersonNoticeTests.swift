import AuditTrail
import Authentication
import AuthenticationContracts
import FoundationEssentials
import Imports
import Postgres
import Process
import TestStore
import Testing
import Vocabulary

@Suite("What others are told of a person")
struct PersonNoticeTests {
    private func told(_ world: World, _ type: String) async throws -> [PersonNotice] {
        try await world.database.database.read { session in
            try session.query("SELECT envelope::text FROM outbox WHERE type = \(type) ORDER BY sequence").map { row in
                struct Envelope: Decodable { let data: PersonNotice }
                return try JSONDecoder().decode(Envelope.self, from: Data(try row.decode(String.self).utf8)).data
            }
        }
    }

    @Test("a name or language that an import changes is told, without the name; what stays the same is not")
    func changed() async throws {
        try await World.with { world in
            let number = try World.nationalNumber(sequence: 997)
            func take(_ changes: [String: String]) async throws {
                var values = [
                    "national_number": number.digits, "username": "an.notice", "password": "long enough",
                    "app_secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "first_name": "An", "last_name": "Zonderling",
                    "email": "an@example.be", "language": "nl",
                ]
                for (name, value) in changes { values[name] = value }
                let row = ImportRow(line: 2, values: values)
                _ = try await world.parts.importAccounts.take([row])
            }
            try await take([:])
            try await take([:])
            try await take(["email": "b@example.be"])
            try await take(["last_name": "Zonderling-Maes"])
            try await take(["last_name": "Zonderling-Maes", "language": "fr"])
            #expect(try await told(world, PersonNotice.changed).map(\.version) == [2, 3, 4])
            #expect(
                try await world.count("SELECT count(*) FROM outbox WHERE envelope::text LIKE '%Zonderling%'") == 0)
        }
    }

    @Test("who is erased is signed out and forgotten, others are told, and her version goes on when she is met again")
    func erased() async throws {
        try await World.with { world in
            let number = try World.nationalNumber(sequence: 996)
            let parts = world.parts
            func meet() async throws -> PersonID? {
                try await parts.database.transaction { session in
                    try parts.persons.findOrCreate(
                        [number], at: parts.acts.now(), newID: parts.hashes.person(of:), in: session)
                }[number]
            }
            let person = try #require(try await meet())
            let account = try await world.account(of: number)
            try await world.test { client in
                var browser = Browser(client)
                _ = try await world.signIn(account, &browser)
            }
            let erase = parts.erasePerson
            let wish = OperatorWish(subject: "\(person)", commandedBy: "Ines, ticket 7")
            let said = try await erase(wish)
            #expect(said == ["Erased: \(person). Sessions ended: 1."])
            for table in [
                "person", "person_number", "person_number_index", "person_name", "account", "person_session",
            ] {
                let left = try await world.database.database.read { session in
                    try session.first("SELECT count(*) FROM \(identifier: table)")?.decode(Int64.self)
                }
                #expect(left == 0, "\(table)")
            }
            #expect(try await told(world, PersonNotice.erased) == [PersonNotice(personId: person, version: 2)])
            let ends = try await world.count("SELECT count(*) FROM outbox WHERE type = \(SessionState.ended)")
            #expect(ends == 1)
            let recorded = try await world.count(
                "SELECT count(*) FROM audit_record WHERE action = 'person.erase' AND commanded_by IS NOT NULL")
            #expect(recorded == 1)
            await #expect(throws: OperatorFailure.self) { try await erase(wish) }
            #expect(try await meet() == person)
            #expect(try await world.count("SELECT version FROM person") == 3)
        }
    }
}
