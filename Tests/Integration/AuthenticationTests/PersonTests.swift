import Authentication
import AuthenticationContracts
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import Keys
import Postgres
import Telemetry
import TestStore
import Testing
import Vocabulary

@Suite("Persons and their numbers")
struct PersonTests {
    private func resolve(
        _ world: World, _ numbers: [String], _ mode: ResolvePersonsRequest.Mode
    ) async throws -> [ResolvePersonsResponse.Verdict] {
        try await world.test { client in
            let token = try await world.serviceToken(world.pickerService, client)
            let response = try await world.send(
                .post, "/persons/resolve", ResolvePersonsRequest(mode: mode, nationalNumbers: numbers), token: token,
                client)
            #expect(response.status == .ok)
            return try response.json(ResolvePersonsResponse.self).persons
        }
    }

    @Test("each number has its verdict, in the order of the request")
    func verdicts() async throws {
        try await World.with { world in
            let first = try World.nationalNumber(sequence: 990)
            let second = try World.nationalNumber(sequence: 991)
            let unknown = try await resolve(world, [first.digits, "12345678901"], .lookUp)
            #expect(unknown.map(\.problem) == ["unknown", "invalid"])
            let made = try await resolve(world, [first.digits, "x", second.formatted, first.formatted], .getOrCreate)
            #expect(made.map(\.problem) == [nil, "invalid", nil, nil])
            #expect(made[0].personId == made[3].personId)
            #expect(made[0].personId != made[2].personId)
            let again = try await resolve(world, [second.digits, first.digits], .lookUp)
            #expect(again.map(\.personId) == [made[2].personId, made[0].personId])
        }
    }

    @Test("a person is called what she told, by any key; who told nothing, or is nobody, has no name")
    func names() async throws {
        try await World.with { world in
            let told = try #require(
                try await resolve(world, [try World.nationalNumber(sequence: 990).digits], .getOrCreate)[0].personId)
            let silent = try #require(
                try await resolve(world, [try World.nationalNumber(sequence: 991).digits], .getOrCreate)[0].personId)
            let name = PersonName(firstName: "Chloé", lastName: "Dubois", language: .fr)
            try await world.database.database.transaction { session in
                try PersonNameStore().save(name, of: told, at: systemClock(), in: session)
            }
            try await world.test { client in
                let token = try await world.serviceToken(world.pickerService, client)
                let asked = PersonNamesRequest(personIds: [silent, told, PersonID(UUID())])
                let answer = try await world.send(.post, "/persons/names", asked, token: token, client)
                #expect(answer.status == .ok)
                // Number and last name are what a giver types; the first name is told once she has signed in.
                #expect(try answer.json(PersonNamesResponse.self).written == [told: "Dubois"])
                try await world.database.database.transaction { session in
                    try world.parts.persons.signedIn(told, at: systemClock(), in: session)
                }
                let known = try await world.send(.post, "/persons/names", asked, token: token, client)
                #expect(try known.json(PersonNamesResponse.self).written == [told: "Chloé Dubois"])
                for count in [0, PersonNamesRequest.limit + 1] {
                    let wrong = PersonNamesRequest(personIds: Array(repeating: told, count: count))
                    let response = try await world.send(.post, "/persons/names", wrong, token: token, client)
                    #expect(response.status == .unprocessableContent)
                }
            }
        }
    }

    @Test("signing in is what has a first name told, and the first time counts")
    func signedIn() async throws {
        try await World.with { world in
            let account = try await world.account()
            func first() async throws -> String? {
                let request = PersonNamesRequest(personIds: [account.person])
                return try await world.parts.namePersons(request, client: "test", act: world.act())
                    .persons.first?.firstName
            }
            #expect(try await first() == nil)
            try await world.test { client in
                var browser = Browser(client)
                _ = try await world.signIn(account, &browser)
            }
            #expect(try await first() == "An")
        }
    }

    @Test("twenty who ask at once for the same numbers get the same persons")
    func oneNumberOnePerson() async throws {
        try await World.with(poolSize: 10) { world in
            let numbers = try (990...998).map { try World.nationalNumber(sequence: $0) }
            let request = ResolvePersonsRequest(mode: .getOrCreate, nationalNumbers: numbers.map(\.digits))
            let answers = try await withThrowingTaskGroup(of: [PersonID?].self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        let shuffled = request.nationalNumbers.enumerated().shuffled()
                        let response = try await world.parts.resolvePersons(
                            ResolvePersonsRequest(mode: .getOrCreate, nationalNumbers: shuffled.map(\.element)),
                            client: "test", act: world.act())
                        return zip(shuffled, response.persons).sorted { $0.0.offset < $1.0.offset }
                            .map(\.1.personId)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(answers).count == 1)
            #expect(try await world.count("SELECT count(*) FROM person") == 9)
        }
    }

    @Test("no number is stored in the clear, and a sealed one opens for its own person only")
    func sealedNumbers() async throws {
        try await World.with { world in
            let number = try World.nationalNumber(sequence: 995)
            let person = try #require(try await resolve(world, [number.digits], .getOrCreate)[0].personId)
            let sealed = try await world.database.database.read { session in
                let row = try session.first("SELECT sealed FROM person_number WHERE person_id = \(person)")
                return try #require(row).decode([UInt8].self)
            }
            #expect(sealed.firstRange(of: Array(number.digits.utf8)) == nil)
            let vault = world.parts.persons.vault
            let today = world.clock.now.utcDate
            #expect(try vault.open(sealed, of: person, today: today) == number)
            #expect(throws: SealingError.notAuthentic) {
                try vault.open(sealed, of: PersonID(UUID()), today: today)
            }
        }
    }

    @Test("a batch is refused when it is empty, too long, too large or malformed")
    func refusedBatches() async throws {
        try await World.with { world in
            try await world.test { client in
                let token = try await world.serviceToken(world.pickerService, client)
                let cases: [([String], HTTPResponse.Status)] = [
                    ([], .unprocessableContent), (Array(repeating: "1", count: 101), .unprocessableContent),
                    ([String(repeating: "1", count: 33)], .unprocessableContent),
                    ([String(repeating: "1", count: 16 * 1024)], .contentTooLarge),
                ]
                for (numbers, status) in cases {
                    let body = ResolvePersonsRequest(mode: .lookUp, nationalNumbers: numbers)
                    let response = try await world.send(.post, "/persons/resolve", body, token: token, client)
                    #expect(response.status == status)
                }
                let wrong = try await world.send(.post, "/persons/resolve", ["mode": "guess"], token: token, client)
                #expect([.badRequest, .unprocessableContent].contains(wrong.status))
            }
        }
    }
}
