package import Contracts
package import FoundationEssentials
import Synchronization
package import Vocabulary

/// What ended before its time, as this process knows it: a set in memory, asked at each request.
///
/// It also knows whether its source is heard. While it is not, an end may have been missed; see
/// ``AccessTokenVerifier`` for what is done then.
package final class EndedAccess: Sendable {
    /// A source that was not heard for so long may have told an end that did not arrive.
    package static let patience: Duration = .seconds(10)

    private struct Key: Hashable {
        let kind: AccessEnded.Kind
        let id: UUID
    }

    private struct State {
        var untils: [Key: Instant] = [:]
        var heardAt: ContinuousClock.Instant
        /// Whether this service follows the source at all.
        var isFollowed = false
        /// Whether what the database knows was read once.
        var isLoaded = false
        /// Whether events are known to be missing or not handled.
        var hasGap = false
    }
    private let state: Mutex<State>
    private let clock: @Sendable () -> ContinuousClock.Instant

    /// An empty set; the clock counts how long the source has not been heard.
    package init(clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.clock = clock
        state = Mutex(State(heardAt: clock()))
    }

    /// Whether the session, the family or the token itself has ended.
    package func covers(_ claims: AccessTokenClaims) -> Bool {
        guard let session = claims.sid else { return false }
        let keys = [
            UUID(uuidString: session).map { Key(kind: .session, id: $0) },
            claims.family.flatMap { UUID(uuidString: $0) }.map { Key(kind: .family, id: $0) },
            Key(kind: .token, id: Self.id(ofToken: claims.jti)),
        ].compactMap(\.self)
        return state.withLock { state in keys.contains { state.untils[$0] != nil } }
    }

    /// How an access token is named in events: by an id made of the hash of its `jti`, which itself is told to nobody.
    package static func id(ofToken jti: String) -> UUID {
        TokenHash.of(jti).withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }

    /// Whether an end may have been missed.
    package var isUncertain: Bool {
        let now = clock()
        return state.withLock { $0.isFollowed && ($0.hasGap || now - $0.heardAt > Self.patience) }
    }

    /// Whether ends can be told apart from the rest; a service is not ready before.
    package var isReady: Bool { state.withLock { !$0.isFollowed || $0.isLoaded } }

    /// How many ends are known.
    package var count: Int { state.withLock { $0.untils.count } }

    /// From now on the source is followed.
    package func follow() { state.withLock { $0.isFollowed = true } }

    /// The source was heard: it told where it stands.
    package func hear() {
        let now = clock()
        state.withLock { $0.heardAt = now }
    }

    /// Takes over what the database knows.
    package func take(_ ends: [(kind: AccessEnded.Kind, id: UUID, until: Instant)], hasGap: Bool, at now: Instant) {
        state.withLock { state in
            for end in ends { state.untils[Key(kind: end.kind, id: end.id)] = end.until }
            state.isLoaded = true
            state.hasGap = hasGap
            if !ends.isEmpty { state.untils = state.untils.filter { $0.value > now } }
        }
    }
}
