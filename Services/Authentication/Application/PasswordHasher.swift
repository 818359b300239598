package import AuthenticationDomain
import Crypto
import CryptoExtras
package import Keys
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Too many passwords are being checked at this moment; try again in a second.
package struct PasswordHasherBusy: Error {
    package init() {}
}

/// Computes password hashes on threads of its own, a bounded number at a time.
///
/// One hash takes tens of milliseconds of a processor and 16 MiB: on the threads of the concurrency runtime it would
/// keep every other request waiting, and without a bound a flood of sign-ins would take all memory.
package final class PasswordHasher: Service, Sendable {
    /// The cost of new hashes, and of the work done for user names that nobody has.
    package let cost: PasswordCost
    private let pool: NIOThreadPool
    private let waiting = Mutex(0)
    private let maximumWaiting: Int
    private let random: RandomBytes

    /// - Parameters:
    ///   - threads: How many hashes are computed at a time.
    ///   - maximumWaiting: How many may wait beside those; more are refused.
    package init(
        cost: PasswordCost = .standard, threads: Int = 2, maximumWaiting: Int = 32, random: RandomBytes = .system
    ) {
        self.cost = cost
        self.maximumWaiting = threads + maximumWaiting
        self.random = random
        pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
    }

    deinit {
        pool.shutdownGracefully { _ in }
    }

    /// Keeps the threads until the process ends.
    package func run() async throws {
        try? await gracefulShutdown()
        try await pool.shutdownGracefully()
    }

    /// The hash of a new password, under a fresh salt.
    ///
    /// Throws `PasswordHasherBusy` when too many wait.
    package func hash(_ password: Password) async throws -> PasswordHash {
        let salt = random(16)
        return PasswordHash(salt: salt, hash: try await derive(password, salt: salt, cost: cost), cost: cost)
    }

    /// Whether a password fits a hash; without a hash, the same work is done for nothing and the answer is no.
    ///
    /// Throws `PasswordHasherBusy` when too many wait.
    package func fits(_ password: Password, _ stored: PasswordHash?) async throws -> Bool {
        let derived = try await derive(
            password, salt: stored?.salt ?? [UInt8](repeating: 0, count: 16), cost: stored?.cost ?? cost)
        let fits = constantTimeEqual(derived, stored?.hash ?? [UInt8](repeating: 0, count: 32))
        return fits && stored != nil
    }

    private func derive(_ password: Password, salt: [UInt8], cost: PasswordCost) async throws -> [UInt8] {
        let isTaken = waiting.withLock { count in
            guard count < maximumWaiting else { return false }
            count += 1
            return true
        }
        guard isTaken else { throw PasswordHasherBusy() }
        defer { waiting.withLock { $0 -= 1 } }
        return try await pool.runIfActive {
            let key = try KDF.Scrypt.deriveKey(
                from: password.utf8, salt: salt, outputByteCount: 32, rounds: cost.rounds, blockSize: cost.blockSize,
                parallelism: cost.parallelism)
            return key.withUnsafeBytes { [UInt8]($0) }
        }
    }
}
