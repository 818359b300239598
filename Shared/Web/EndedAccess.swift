import Async
package import ContractCore
import FoundationEssentials
import Keys
package import Vocabulary

/// What ended before its time, as this process knows it: a set in memory, asked at each request.
///
/// It also knows until when it can be relied on: whoever follows the source says so again and again, and when nobody
/// does, an end may have been missed. See ``AccessTokenVerifier`` for what is done then.
package final class EndedAccess: Sendable {
    /// A source that was not heard for so long may have told an end that did not arrive.
    package static let patience: Duration = .seconds(10)
    /// How long an end is kept: the longest life of an access token, and what clocks and the way may take.
    package static let keeping: Duration = .seconds(AccessTokenClaims.lifetime + 30)

    private struct State {
        var ends: [AccessEnded.Subject: Instant] = [:]
        /// Nil where nobody follows the source: nothing is missed then.
        var reliableUntil: ContinuousClock.Instant?
    }
    private let state = Guarded(State())
    private let clock: @Sendable () -> ContinuousClock.Instant

    /// An empty set, to be relied on until somebody follows the source; the clock is for tests.
    package init(clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) { self.clock = clock }

    /// Whether one of these has ended.
    package func covers(_ ids: [AccessEnded.Subject]) -> Bool {
        state.withLock { state in ids.contains { state.ends[$0] != nil } }
    }

    /// Whether an end may have been missed.
    package var isUncertain: Bool {
        let now = clock()
        return state.withLock { $0.reliableUntil.map { now >= $0 } ?? false }
    }

    /// How many ends are known.
    package var count: Int { state.withLock { $0.ends.count } }

    /// What is known can be relied on for so long from now on; zero and less is not any more.
    package func rely(for time: Duration) {
        let until = clock() + time
        state.withLock { $0.reliableUntil = until }
    }

    /// Takes over ends, each with the moment from which nothing of it can be left.
    package func take(_ ends: [(subject: AccessEnded.Subject, until: Instant)]) {
        state.withLock { state in
            for item in ends { state.ends[item.subject] = item.until }
        }
    }

    /// Forgets what nothing can be left of.
    package func prune(at now: Instant) {
        state.withLock { state in state.ends = state.ends.filter { $0.value > now } }
    }
}

extension AccessEnded.Subject {
    /// One token.
    ///
    /// Its id is made of the hash of its `jti`, which itself is told to nobody.
    package static func token(_ jti: String) -> Self {
        let hash = TokenHash.of(jti)
        return Self(.token, Identifier(hash.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }))
    }
}

extension PersonCaller {
    /// Whose end ends what the caller holds.
    package var ends: [AccessEnded.Subject] { [.session(sessionID), .family(familyID), .token(tokenID)] }
}
