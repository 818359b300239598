import Async
package import AuthenticationDomain
import Crypto
import FoundationEssentials
import ServiceKit
package import Vocabulary

/// Signs tokens with the key whose turn it is, and publishes the keys that clients need.
///
/// It holds a snapshot of the keys in the database, which ``RotateSigningKeys`` renews.
package final class TokenSigner: Sendable {
    private struct State {
        var keys: [SigningKey] = []
        var published: [UInt8] = []
    }
    private let state = Guarded(State())
    private let schedule: SigningKeySchedule
    private let now: @Sendable () -> Instant

    package init(schedule: SigningKeySchedule, now: @escaping @Sendable () -> Instant) {
        self.schedule = schedule
        self.now = now
    }

    /// The published keys as a JSON Web Key Set; empty before the first snapshot.
    package var keySet: [UInt8] { state.withLock { $0.published } }

    /// Takes over the keys of the database.
    package func replace(_ keys: [SigningKey]) throws {
        let shown = Set(schedule.published(of: keys.map(\.times), at: now()).map(\.id))
        let published = try StoredKeySet.encode(keys.filter { shown.contains($0.times.id) })
        state.withLock { $0 = State(keys: keys, published: published) }
    }

    /// A compact JWS of claims, `typ` in its header.
    package func sign(_ claims: some Encodable, type: String) throws -> String {
        let keys = state.withLock { $0.keys }
        guard let active = schedule.active(of: keys.map(\.times), at: now()),
            let key = keys.first(where: { $0.times.id == active.id })
        else { throw NoSigningKey() }
        return try ClientAssertionSigner.sign(
            claims, header: ["alg": "ES256", "typ": type, "kid": active.id], with: key.key)
    }

    /// The claims of a token that one of the published keys signed, whatever its times say; `nil` for any other.
    package func verified<Claims: Decodable>(_ token: String, type: String, as: Claims.Type) -> Claims? {
        guard let parsed = CompactToken(token), parsed.type == type, parsed.algorithm == "ES256" else { return nil }
        let keys = state.withLock { $0.keys }
        guard let key = keys.first(where: { $0.times.id == parsed.keyID }),
            parsed.isSigned(by: key.key.publicKey)
        else { return nil }
        return parsed.claims(as: Claims.self)
    }
}

/// There is no key yet; the service is not ready before there is.
package struct NoSigningKey: Error {
    package init() {}
}

/// The JSON Web Key Set of signing keys (RFC 7517).
private enum StoredKeySet {
    private struct Set: Encodable {
        let keys: [Key]
    }
    private struct Key: Encodable {
        let kty = "EC"
        let crv = "P-256"
        let use = "sig"
        let alg = "ES256"
        let kid: String
        let x: String
        let y: String
    }

    static func encode(_ keys: [SigningKey]) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let entries = keys.map { key in
            let point = [UInt8](key.key.publicKey.x963Representation)
            return Key(
                kid: key.times.id, x: Base64URL.encode(point[1..<33]), y: Base64URL.encode(point[33..<65]))
        }
        return [UInt8](try encoder.encode(Set(keys: entries)))
    }
}

/// A compact JWS, taken apart; nothing of it is trusted before its signature was checked.
struct CompactToken {
    private struct Header: Decodable {
        let alg: String
        let typ: String?
        let kid: String?
        let crit: [String]?
    }
    let algorithm: String
    let type: String?
    let keyID: String?
    private let payload: [UInt8]
    private let signed: [UInt8]
    private let signature: [UInt8]

    /// The longest token that is looked at, in bytes.
    static let longest = 8192

    init?(_ text: String) {
        guard text.utf8.count <= Self.longest else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let head = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2]),
            let header = try? JSONDecoder().decode(Header.self, from: Data(head)), header.crit == nil
        else { return nil }
        algorithm = header.alg
        type = header.typ
        keyID = header.kid
        self.payload = payload
        self.signature = signature
        signed = [UInt8]("\(parts[0]).\(parts[1])".utf8)
    }

    func isSigned(by key: P256.Signing.PublicKey) -> Bool {
        guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
        return key.isValidSignature(signature, for: signed)
    }

    func claims<Claims: Decodable>(as type: Claims.Type) -> Claims? {
        try? JSONDecoder().decode(type, from: Data(payload))
    }
}
