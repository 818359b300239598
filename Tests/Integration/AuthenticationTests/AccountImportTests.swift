import Authentication
import AuthenticationDomain
import Imports
import Postgres
import Process
import TestStore
import Testing
import Vocabulary

@Suite("Import of accounts")
struct AccountImportTests {
    private func row(_ changes: [String: String] = [:], number: NationalNumber, line: Int = 2) -> ImportRow {
        var values = [
            "national_number": number.formatted, "username": "an.\(number.digits.suffix(4))", "password": "long enough",
            "app_secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "first_name": "An", "last_name": "Peeters",
            "email": "an@example.be", "language": "nl",
        ]
        for (name, value) in changes { values[name] = value }
        return ImportRow(line: line, values: values)
    }

    @Test("a row is added, then unchanged, then changed")
    func rows() async throws {
        try await World.with { world in
            let number = try World.nationalNumber(sequence: 997)
            let handler = world.parts.importAccounts
            #expect(try await handler.take([row(number: number), row(number: number)]) == [.added, .unchanged])
            #expect(try await handler.take([row(["email": "a@b.be"], number: number)]) == [.changed])
            #expect(try await handler.take([row(["email": "a@b.be"], number: number)]) == [.unchanged])
            #expect(try await handler.take([row(["password": "another one"], number: number)]) == [.changed])
            #expect(try await world.count("SELECT count(*) FROM account") == 1)
        }
    }

    @Test("a new password forgives the failures of the old one, and forgets its browsers; another change does neither")
    func newPassword() async throws {
        try await World.with { world in
            let number = try World.nationalNumber(sequence: 998)
            let handler = world.parts.importAccounts
            _ = try await handler.take([row(number: number)])
            let name = "an.\(number.digits.suffix(4))"
            let bucket = BucketKey(
                .code, .appCode, account: world.parts.hashes.account(name), place: [])
            try await world.database.database.transaction { session in
                _ = try ThrottleStore().lock([bucket], at: world.clock.now, in: session)
                let userName = try #require(UserName(name))
                let person = try #require(try world.parts.accounts.find(userName, in: session))
                try DeviceStore().remember(
                    [UInt8](repeating: 7, count: 32), of: person.personID, at: world.clock.now, in: session)
            }
            #expect(try await handler.take([row(["email": "a@b.be"], number: number)]) == [.changed])
            #expect(try await world.count("SELECT count(*) FROM throttle_bucket") == 1)
            #expect(try await world.count("SELECT count(*) FROM device") == 1)
            #expect(try await handler.take([row(["password": "a new password"], number: number)]) == [.changed])
            #expect(try await world.count("SELECT count(*) FROM throttle_bucket") == 0)
            #expect(try await world.count("SELECT count(*) FROM device") == 0)
        }
    }

    @Test("a delivered password is the password: with the blanks at its ends, and however its letters were composed")
    func exactPasswords() async throws {
        try await World.with { world in
            let number = try World.nationalNumber(sequence: 998)
            let handler = world.parts.importAccounts
            #expect(try await handler.take([row(["password": "  caf\u{E9} secret "], number: number)]) == [.added])
            #expect(
                try await handler.take([row(["password": "  cafe\u{301} secret "], number: number)]) == [.unchanged])
            #expect(try await handler.take([row(["password": "caf\u{E9} secret"], number: number)]) == [.changed])
        }
    }

    @Test("an import of what is known opens no account that was closed")
    func disabledStaysDisabled() async throws {
        try await World.with { world in
            let number = try World.nationalNumber(sequence: 998)
            let handler = world.parts.importAccounts
            _ = try await handler.take([row(number: number)])
            try await world.database.database.transaction { session in
                try session.execute("UPDATE account SET enabled = false")
            }
            #expect(try await handler.take([row(number: number)]) == [.unchanged])
            #expect(try await handler.take([row(["email": "a@b.be"], number: number)]) == [.changed])
            #expect(try await world.count("SELECT count(*) FROM account WHERE enabled") == 0)
        }
    }

    @Test(
        "a bad field is refused with its column and without its value, and nothing of the row is applied",
        arguments: [
            ("national_number", "85073003329"), ("username", "an peeters"), ("password", "short"),
            ("app_secret", "not base32!"), ("app_secret", "MZXW6"), ("first_name", "An\u{202e}"), ("email", "nowhere"),
            ("language", "es"),
        ])
    func badFields(column: String, value: String) async throws {
        try await World.with { world in
            let number = try World.nationalNumber(sequence: 993)
            let handler = world.parts.importAccounts
            guard case .refused(let why) = try await handler.take([row([column: value], number: number)])[0] else {
                Issue.record("\(column) should have been refused")
                return
            }
            #expect(why.hasPrefix(column))
            #expect(value.isEmpty || !why.contains(value))
            #expect(try await world.count("SELECT count(*) FROM person") == 0)
        }
    }

    @Test("a user name that somebody else has is refused, and the rows around it are not")
    func takenUserName() async throws {
        try await World.with { world in
            let first = try World.nationalNumber(sequence: 991)
            let second = try World.nationalNumber(sequence: 992)
            let handler = world.parts.importAccounts
            let verdicts = try await handler.take([
                row(["username": "taken"], number: first), row(["username": "Taken"], number: second),
                row(["username": "free"], number: second),
            ])
            #expect(
                verdicts == [.added, .refused("username: another person has this user name"), .added])
        }
    }
}
