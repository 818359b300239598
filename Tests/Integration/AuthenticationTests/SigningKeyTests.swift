import Authentication
import AuthenticationDomain
import Crypto
import FoundationEssentials
import Postgres
import TestStore
import Testing
import Vocabulary

@Suite("Signing keys and password hashes")
struct SigningKeyTests {
    @Test("two instances that start at once agree on one key")
    func oneFirstKey() async throws {
        try await World.with { world in
            try await world.database.database.transaction { session in try session.execute("DELETE FROM signing_key") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<5 { group.addTask { try await world.rotation() } }
                try await group.waitForAll()
            }
            #expect(try await world.count("SELECT count(*) FROM signing_key") == 1)
        }
    }

    @Test("the next key is published before it signs, and the last one until its tokens are over")
    func rotation() async throws {
        try await World.with { world in
            struct Claims: Codable {
                let n: Int
            }
            let signer = world.parts.signer
            let old = try signer.sign(Claims(n: 1), type: "JWT")
            world.clock.advance(.seconds(29 * 86400))
            try await world.rotation()
            #expect(try await world.count("SELECT count(*) FROM signing_key") == 2)
            let still = try signer.sign(Claims(n: 2), type: "JWT")
            #expect(still.split(separator: ".")[0] == old.split(separator: ".")[0])
            world.clock.advance(.seconds(86400))
            try await world.rotation()
            let new = try signer.sign(Claims(n: 3), type: "JWT")
            #expect(new.split(separator: ".")[0] != old.split(separator: ".")[0])
            #expect(signer.verified(old, type: "JWT", as: Claims.self)?.n == 1)
            #expect(signer.verified(new, type: "JWT", as: Claims.self)?.n == 3)
            #expect(signer.verified(new, type: "at+jwt", as: Claims.self) == nil)
            #expect(signer.verified(new + "x", type: "JWT", as: Claims.self) == nil)
            world.clock.advance(.seconds(86400))
            try await world.rotation()
            #expect(signer.verified(old, type: "JWT", as: Claims.self) == nil)
            #expect(try await world.count("SELECT count(*) FROM signing_key") == 1)
        }
    }

    @Test("a private key is not in the database in the clear")
    func sealedKeys() async throws {
        try await World.with { world in
            let keys = try await world.database.database.read { session in
                try world.parts.signingKeys.all(in: session)
            }
            let raw = [UInt8](try #require(keys.first).key.rawRepresentation)
            let sealed = try await world.database.database.read { session in
                try #require(try session.first("SELECT sealed FROM signing_key")).decode([UInt8].self)
            }
            #expect(sealed.firstRange(of: raw) == nil)
        }
    }

    @Test("a password fits its hash at the real cost, and no other password does")
    func realCost() async throws {
        let hasher = PasswordHasher()
        let password = try #require(Password(new: "correct horse battery"))
        let permit = try hasher.permit(for: .operation)
        let stored = try await permit.hash(password)
        #expect(stored.cost == .standard)
        #expect(try await permit.fits(password, stored))
        #expect(try await !permit.fits(try #require(Password(new: "incorrect horse")), stored))
    }

    @Test("the hash is scrypt as RFC 7914 has it")
    func scryptVector() async throws {
        let cost = try #require(PasswordCost(rounds: 1024, blockSize: 8, parallelism: 16))
        let expected: [UInt8] = [
            0xfd, 0xba, 0xbe, 0x1c, 0x9d, 0x34, 0x72, 0x00, 0x78, 0x56, 0xe7, 0x19, 0x0d, 0x01, 0xe9, 0xfe, 0x7c, 0x6a,
            0xd7, 0xcb, 0xc8, 0x23, 0x78, 0x30, 0xe7, 0x73, 0x76, 0x63, 0x4b, 0x37, 0x31, 0x62,
        ]
        let stored = PasswordHash(salt: Array("NaCl".utf8), hash: expected, cost: cost)
        #expect(
            try await PasswordHasher().permit(for: .operation).fits(try #require(Password(new: "password")), stored))
    }

    @Test("when too many passwords wait, more are refused at once")
    func busy() async throws {
        let cost = try #require(PasswordCost(rounds: 1 << 12, blockSize: 8, parallelism: 5))
        let hasher = PasswordHasher(cost: cost, threads: 1, places: 4)
        let password = try #require(Password(new: "correct horse"))
        let refused = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<12 {
                group.addTask {
                    do {
                        _ = try await hasher.permit(for: .operation).hash(password)
                        return false
                    } catch {
                        return error is PasswordHasherBusy
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(refused > 0)
        #expect(refused < 12)
    }
}
