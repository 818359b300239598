package import AuthenticationDomain
import Crypto
import Keys
import Synchronization
package import Vocabulary

/// Signs tokens with the key whose turn it is, and publishes the keys that clients need.
///
/// It holds a snapshot of the keys in the database, which ``RotateSigningKeys`` renews.
package final class TokenSigner: Sendable {
    private struct State {
        var keys: [SigningKey] = []
        var published: [UInt8] = []
    }
    private let state = Mutex(State())
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
        let published = try JSONWebKeySet(
            keys: keys.filter { shown.contains($0.times.id) }
                .map { JSONWebKey($0.key.publicKey, id: $0.times.id) }
        ).json
        state.withLock { $0 = State(keys: keys, published: published) }
    }

    /// A compact JWS of claims, `typ` in its header.
    package func sign(_ claims: some Encodable, type: String) throws -> String {
        let keys = state.withLock { $0.keys }
        guard let active = schedule.active(of: keys.map(\.times), at: now()),
            let key = keys.first(where: { $0.times.id == active.id })
        else { throw NoSigningKey() }
        return try CompactJWS.sign(claims, type: type, keyID: active.id, with: key.key)
    }

    /// The claims of a token that one of the published keys signed, whatever its times say; `nil` for any other.
    package func verified<Claims: Decodable>(_ token: String, type: String, as: Claims.Type) -> Claims? {
        guard let parsed = CompactJWS(token), parsed.type == type.lowercased() else { return nil }
        let keys = state.withLock { $0.keys }
        guard let key = keys.first(where: { $0.times.id == parsed.keyID }),
            parsed.isSigned(by: key.key.publicKey)
        else { return nil }
        return parsed.claims()
    }
}

/// There is no key yet; the service is not ready before there is.
package struct NoSigningKey: Error {
    package init() {}
}
