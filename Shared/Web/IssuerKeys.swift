import Async
package import Crypto
import Keys
package import Logging
import ServiceLifecycle
import Vocabulary

/// The public keys of the issuer of access tokens, as a snapshot that is read without waiting.
///
/// As a service it fetches the key set in the background and again at an interval. What was fetched once stays in use
/// while the issuer cannot be reached, so that its tokens are still verified. A key id that is not in the snapshot
/// makes one fetch at most every `forcedInterval`, however many tokens name it.
package final class IssuerKeys: Service, Sendable {
    private struct State {
        var keys: [String: P256.Signing.PublicKey] = [:]
        var loaded = false
    }
    private let state = Guarded(State())
    private let fetch: (@Sendable () async throws -> [UInt8])?
    private let forced: ForcedFetch
    private let interval: Duration
    private let logger: Logger

    /// Keys that are fetched.
    ///
    /// - Parameters:
    ///   - interval: How long a snapshot is used before it is fetched again.
    ///   - forcedInterval: The shortest time between two fetches for unknown key ids.
    ///   - logger: Where failed fetches are reported.
    ///   - fetch: Gets the JSON Web Key Set.
    package init(
        interval: Duration = .seconds(300), forcedInterval: Duration = .seconds(5), logger: Logger,
        fetch: @escaping @Sendable () async throws -> [UInt8]
    ) {
        self.interval = interval
        self.fetch = fetch
        self.logger = logger
        forced = ForcedFetch(interval: forcedInterval)
    }

    /// Keys that the process itself holds and hands over by `replace`: the issuer's own view.
    package init(heldBy logger: Logger) {
        interval = .seconds(300)
        fetch = nil
        self.logger = logger
        forced = ForcedFetch(interval: interval)
    }

    /// Whether there are keys.
    package var isLoaded: Bool { state.withLock { $0.loaded } }

    /// The key with that id, in the snapshot.
    package func key(_ id: String) -> P256.Signing.PublicKey? {
        state.withLock { $0.keys[id] }
    }

    /// The key with that id, after a fetch when the snapshot lacks it and the last such fetch is long enough ago.
    package func fetchedKey(_ id: String) async -> P256.Signing.PublicKey? {
        if let key = key(id) { return key }
        guard fetch != nil else { return nil }
        await forced.run { await self.refresh() }
        return key(id)
    }

    /// Takes over a JSON Web Key Set; refused when no key of it can verify ES256.
    package func replace(jwks: [UInt8]) throws {
        let keys = try Self.parse(jwks)
        guard !keys.isEmpty else { throw IssuerKeysError.noUsableKey }
        state.withLock {
            $0.keys = keys
            $0.loaded = true
        }
    }

    /// Fetches until there are keys, with growing pauses, and then again at the interval.
    package func run() async throws {
        guard fetch != nil else {
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown {
            var backoff = Backoff(first: .milliseconds(200), longest: .seconds(5))
            while !Task.isCancelled {
                let fetched = await self.refresh()
                if fetched { backoff.reset() }
                try? await Task.sleep(for: fetched ? self.interval : backoff.step())
            }
        }
    }

    /// Fetches once; what was there stays when it fails.
    @discardableResult
    package func refresh() async -> Bool {
        guard let fetch else { return false }
        do {
            try replace(jwks: try await fetch())
            return true
        } catch is CancellationError {
            return false
        } catch {
            logger.warning(
                "The keys of the token issuer could not be fetched; those known stay in use",
                metadata: ["error": "\(error)"])
            return false
        }
    }

    private static func parse(_ jwks: [UInt8]) throws -> [String: P256.Signing.PublicKey] {
        var keys: [String: P256.Signing.PublicKey] = [:]
        for key in try JSONWebKeySet(json: jwks).keys {
            if let id = key.id, let signingKey = key.signingKey { keys[id] = signingKey }
        }
        return keys
    }
}

/// Why a key set is not taken over.
package enum IssuerKeysError: Error, Sendable, CustomStringConvertible {
    /// It holds no P-256 key with an id.
    case noUsableKey

    package var description: String { "the key set holds no P-256 key with a key id" }
}

/// One fetch at a time for whoever waits, and not more often than the interval.
private actor ForcedFetch {
    private let interval: Duration
    private var last: ContinuousClock.Instant?
    private var running: Task<Void, Never>?

    init(interval: Duration) { self.interval = interval }

    func run(_ fetch: @escaping @Sendable () async -> Void) async {
        if let running {
            await running.value
            return
        }
        if let last, ContinuousClock.now - last < interval { return }
        last = .now
        let task = Task { await fetch() }
        running = task
        await task.value
        running = nil
    }
}
