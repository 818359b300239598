import AuditTrail
import Authentication
import AuthenticationContracts
import AuthenticationDomain
import FoundationEssentials
import Imports
import Postgres
import Process
import TestStore
import Testing
import Vocabulary

@Suite("The history of a person's numbers")
struct NumberHistoryTests {
    private func row(
        _ former: NationalNumber, _ number: NationalNumber, _ reason: String = "bis-replaced"
    ) -> ImportRow {
        ImportRow(
            line: 2,
            values: ["former_number": former.formatted, "national_number": number.digits, "reason": reason])
    }

    private func take(_ world: World, _ rows: ImportRow...) async throws -> [ImportVerdict] {
        try await world.parts.importReplacedNumbers.take(rows)
    }

    private func meet(_ world: World, _ number: NationalNumber) async throws -> PersonID {
        let parts = world.parts
        let met = try await parts.database.transaction { session in
            try parts.persons.findOrCreate(
                [number], at: parts.acts.now(), newID: parts.hashes.person(of:), in: session)
        }
        return try #require(met[number])
    }

    private func numbers() throws -> [NationalNumber] {
        try [990, 992, 994].map { try World.nationalNumber(sequence: $0) }
    }

    private func changes(_ world: World) async throws -> Int64 {
        try await world.count("SELECT count(*) FROM outbox WHERE type = \(PersonNotice.changed)")
    }

    @Test("she keeps her id, both numbers lead to her, and when and why is kept; the same file again changes nothing")
    func replaced() async throws {
        try await World.with { world in
            let numbers = try numbers()
            let person = try await meet(world, numbers[0])
            #expect(try await take(world, row(numbers[0], numbers[1])) == [.changed])
            #expect(try await meet(world, numbers[0]) == person)
            #expect(try await meet(world, numbers[1]) == person)
            #expect(try await take(world, row(numbers[0], numbers[1])) == [.unchanged])
            #expect(try await take(world, row(numbers[1], numbers[2], "corrected")) == [.changed])
            for number in numbers { #expect(try await meet(world, number) == person) }
            #expect(try await world.count("SELECT count(*) FROM person") == 1)
            #expect(try await changes(world) == 2)
            let kept = try await world.database.database.read { session in
                try session.query(
                    """
                    SELECT replaced_because FROM person_number
                    WHERE person_id = \(person) AND replaced_at IS NOT NULL ORDER BY ordinal
                    """
                ).map { try $0.decode(String.self) }
            }
            #expect(kept == ["bis-replaced", "corrected"])
            #expect(try await world.count("SELECT version FROM person") == 3)
        }
    }

    @Test("who is known by the new number gets the former one as well; who is not known yet is met with both")
    func before() async throws {
        try await World.with { world in
            let numbers = try numbers()
            let person = try await meet(world, numbers[1])
            #expect(try await take(world, row(numbers[0], numbers[1])) == [.changed])
            #expect(try await meet(world, numbers[0]) == person)
            let strangers = try [996, 998].map { try World.nationalNumber(sequence: $0) }
            #expect(try await take(world, row(strangers[0], strangers[1])) == [.added])
            let met = try await meet(world, strangers[1])
            #expect(try await meet(world, strangers[0]) == met)
            // As if she had been met before her number was replaced: after a restore the same file gives the same id.
            #expect(met == world.parts.hashes.person(of: strangers[0]))
        }
    }

    @Test("two persons are not put together, a replacement is not turned round, and no number is printed")
    func refused() async throws {
        try await World.with { world in
            let numbers = try numbers()
            for number in numbers.prefix(2) { _ = try await meet(world, number) }
            var verdicts = try await take(world, row(numbers[0], numbers[1]), row(numbers[0], numbers[0]))
            verdicts += try await take(world, row(numbers[1], numbers[2]), row(numbers[2], numbers[1]))
            verdicts += try await take(world, row(numbers[0], numbers[2], "because"))
            let texts = verdicts.map { verdict in if case .refused(let why) = verdict { why } else { "" } }
            #expect(texts[0].contains("two persons"))
            #expect(texts[1].contains("is the former number itself"))
            #expect(verdicts[2] == .changed)
            #expect(texts[3].contains("was replaced by the former number"))
            #expect(texts[4].contains("reason: bis-replaced or corrected"))
            for number in numbers { #expect(!texts.joined().contains(number.digits)) }
            #expect(try await world.count("SELECT count(*) FROM person") == 2)
        }
    }

    @Test("of deliveries and look-ups at once none makes a second person of one")
    func races() async throws {
        try await World.with(poolSize: 10) { world in
            for turn in 0..<10 {
                let (former, number) = (
                    try World.nationalNumber(sequence: 990 + turn % 4),
                    try World.nationalNumber(sequence: 994 + turn % 4)
                )
                let person = try await meet(world, former)
                let verdicts = try await withThrowingTaskGroup(of: [ImportVerdict].self) { group in
                    for _ in 0..<2 { group.addTask { try await take(world, row(former, number)) } }
                    group.addTask {
                        _ = try await meet(world, number)
                        return []
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                let now = try await meet(world, number)
                if verdicts.contains(.changed) {
                    #expect(now == person)
                    #expect(verdicts.contains(.unchanged))
                } else {
                    // The look-up was first: two persons, and both deliveries say so.
                    #expect(now != person)
                    #expect(verdicts.allSatisfy { if case .refused = $0 { true } else { false } })
                }
            }
            #expect(
                try await world.count(
                    "SELECT count(*) FROM (SELECT digest FROM person_number_index GROUP BY 1 HAVING count(*) > 1) AS x")
                    == 0)
        }
    }

    @Test("the database itself gives a number to one person, and a person one number at a time")
    func constraints() async throws {
        try await World.with { world in
            let numbers = try numbers()
            let (one, other) = (try await meet(world, numbers[0]), try await meet(world, numbers[1]))
            await #expect(throws: PostgresError.self) {
                try await world.database.database.transaction { session in
                    try world.parts.persons.addFormer(
                        numbers[0], of: other, because: .corrected, at: world.clock.now, in: session)
                }
            }
            await #expect(throws: PostgresError.self) {
                try await world.database.database.transaction { session in
                    _ = try session.execute(
                        """
                        INSERT INTO person_number (person_id, ordinal, sealed, known_since)
                        SELECT person_id, 2, sealed, known_since FROM person_number WHERE person_id = \(one)
                        """)
                }
            }
            #expect(try await meet(world, numbers[0]) == one)
        }
    }

    @Test("former numbers are indexed and sealed anew with the others when keys are replaced")
    func keys() async throws {
        try await World.with { world in
            let numbers = try numbers()
            let person = try await meet(world, numbers[0])
            _ = try await take(world, row(numbers[0], numbers[1]))
            let parts = try world.parts(sealing: [11, 1], index: [12, 2])
            let keepHouse = parts.keepHouse(logger: world.base.logger)
            try await keepHouse()
            try await keepHouse()
            #expect(try await world.count("SELECT count(*) FROM person_number WHERE key_id = 's11'") == 2)
            let replaced = try world.parts(sealing: [11], index: [12])
            let unknown = try await world.database.database.read { session in
                try replaced.persons.unknownIndexKeys(in: session)
            }
            #expect(unknown.isEmpty)
            let found = try await world.database.database.read { session in
                try replaced.persons.find(numbers, in: session)
            }
            #expect(found == [numbers[0]: person, numbers[1]: person])
        }
    }
}
