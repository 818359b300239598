import Async
import ContractCore
import Flow
import Following
import FoundationEssentials
import Logging
import Postgres
import Synchronization

/// Carries out what a `LeaseHolder` decides: this instance's share of some scopes, by leases in the database.
final class LeaseKeeper: Sendable {
    private let me: LeaseMember
    private let database: Database
    private let life: Duration
    private let clock: FlowClock
    private let logger: Logger
    private let holder: Mutex<LeaseHolder>

    init(
        scopes: [String], database: Database, instance: UUID, life: Duration, clock: FlowClock, logger: Logger
    ) {
        me = LeaseMember(id: instance, scopes: Set(scopes))
        self.database = database
        self.life = life
        self.clock = clock
        self.logger = logger
        holder = Mutex(LeaseHolder(me: instance, scopes: me.scopes, partitions: Topic.partitions, life: life))
    }

    /// What is ours now, with its epochs.
    var held: [WorkUnit: Int64] { holder.withLock { $0.held(at: clock()) } }

    /// How many instances share the work.
    var members: Int { holder.withLock { $0.members } }

    /// Renews, gives back and takes leases until the task is cancelled; calls `changed` after each change.
    func run(changed: @Sendable () -> Void) async {
        var healthy = true
        var registered = false
        repeat {
            let before = held
            do {
                if !registered { try await register() }
                registered = true
                try await renew()
                healthy = true
            } catch {
                if healthy, !Task.isCancelled {
                    logger.warning("leases could not be renewed", metadata: ["error": "\(error)"])
                }
                healthy = false
            }
            if held != before { changed() }
        } while await pause(life / 3)
    }

    /// Gives everything back, so that others need not wait for the expiry.
    func release() async {
        holder.withLock { $0.release() }
        let id = me.id
        do {
            try await database.transaction { session in try LeaseStore.leave(id, in: session) }
        } catch {
            // They expire by themselves.
            logger.debug("leases were left to expire", metadata: ["error": "\(error)"])
        }
    }

    private func register() async throws {
        let scopes = me.scopes.sorted()
        try await database.transaction { session in
            try LeaseStore.register(scopes: scopes, partitions: Topic.partitions, in: session)
        }
    }

    private func renew() async throws {
        let (me, life, asked) = (me, life, clock())
        let renewal = try await database.transaction { session in
            try LeaseStore.renew(me, life: life, in: session)
        }
        let actions = holder.withLock { $0.renewed(renewal.leases, alive: renewal.alive, asked: asked) }
        for action in actions {
            switch action {
            case .giveBack(let units):
                try await database.transaction { session in
                    try LeaseStore.giveBack(units, of: me.id, in: session)
                }
            case .take(let units):
                let taken = try await database.transaction { session in
                    try LeaseStore.take(units, for: me.id, in: session)
                }
                holder.withLock { $0.took(taken) }
            }
        }
    }
}
