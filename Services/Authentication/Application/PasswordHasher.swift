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
    private let queue: Mutex<HashQueue>
    private let random: RandomBytes

    /// - Parameters:
    ///   - threads: How many hashes are computed at a time.
    ///   - places: How many may be computed or wait; more are refused.
    package init(
        cost: PasswordCost = .standard, threads: Int = 2, places: Int = 32, random: RandomBytes = .system
    ) {
        self.cost = cost
        self.random = random
        queue = Mutex(HashQueue(places: places))
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

    /// A place at the threads, held for as long as the value is.
    package func permit(for guest: HashGuest) throws(PasswordHasherBusy) -> HashPermit {
        guard queue.withLock({ $0.enter(guest) }) else { throw PasswordHasherBusy() }
        return HashPermit(self, guest)
    }

    fileprivate func leave(_ guest: HashGuest) {
        queue.withLock { $0.leave(guest) }
    }

    fileprivate func hash(_ password: Password) async throws -> PasswordHash {
        let salt = random(16)
        return PasswordHash(salt: salt, hash: try await derive(password, salt: salt, cost: cost), cost: cost)
    }

    fileprivate func fits(_ password: Password, _ stored: PasswordHash?) async throws -> Bool {
        let derived = try await derive(
            password, salt: stored?.salt ?? [UInt8](repeating: 0, count: 16), cost: stored?.cost ?? cost)
        let fits = constantTimeEqual(derived, stored?.hash ?? [UInt8](repeating: 0, count: 32))
        return fits && stored != nil
    }

    private func derive(_ password: Password, salt: [UInt8], cost: PasswordCost) async throws -> [UInt8] {
        try await pool.runIfActive {
            let key = try KDF.Scrypt.deriveKey(
                from: password.utf8, salt: salt, outputByteCount: 32, rounds: cost.rounds, blockSize: cost.blockSize,
                parallelism: cost.parallelism)
            return key.withUnsafeBytes { [UInt8]($0) }
        }
    }
}

/// A place at the threads of a ``PasswordHasher``; given back when nothing holds it any more.
package final class HashPermit: Sendable {
    private let hasher: PasswordHasher
    private let guest: HashGuest

    fileprivate init(_ hasher: PasswordHasher, _ guest: HashGuest) {
        self.hasher = hasher
        self.guest = guest
    }

    deinit {
        hasher.leave(guest)
    }

    /// The hash of a new password, under a fresh salt.
    package func hash(_ password: Password) async throws -> PasswordHash {
        try await hasher.hash(password)
    }

    /// Whether a password fits a hash; without a hash, the same work is done for nothing and the answer is no.
    package func fits(_ password: Password, _ stored: PasswordHash?) async throws -> Bool {
        try await hasher.fits(password, stored)
    }
}
