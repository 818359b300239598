package import FoundationEssentials

/// What an instance holds of a group's work, by leases that expire by the database's clock.
///
/// Each lease has a fencing token, its epoch, which is raised whenever it changes hands and nowhere else: whoever works
/// under a lease writes only where the epoch is still its own, so an owner that slept through its expiry has no effect.
package struct LeaseHolder: Sendable {
    /// What is to be done at the database.
    package enum Action: Hashable, Sendable {
        /// To be given up, so that others need not wait for the expiry.
        case giveBack(Set<WorkUnit>)
        /// To be taken as far as it is free.
        case take(Set<WorkUnit>)
    }

    private let me: UUID
    private let scopes: Set<String>
    private let partitions: Int
    private let life: Duration
    private var leases: [WorkUnit: Int64] = [:]
    private var validUntil: Moment?
    /// How many instances share the group's work.
    package private(set) var members = 1

    /// An instance that holds nothing yet.
    ///
    /// - Parameters:
    ///   - me: Tells this instance from others.
    ///   - scopes: What this version of the program can work on.
    ///   - partitions: How many partitions each scope has.
    ///   - life: How long a lease lives without being renewed.
    package init(me: UUID, scopes: Set<String>, partitions: Int, life: Duration) {
        self.me = me
        self.scopes = scopes
        self.partitions = partitions
        self.life = life
    }

    /// What is ours at a moment, with the epochs; nothing once the database could not be asked for a lease's life.
    package func held(at now: Moment) -> [WorkUnit: Int64] {
        guard let validUntil, now < validUntil else { return [:] }
        return leases
    }

    /// Takes over what the database answered to a renewal.
    ///
    /// - Parameters:
    ///   - leases: Those of ours that had not expired; they live anew.
    ///   - alive: All living instances, this one among them.
    ///   - asked: When the database was asked, which is before its clock set the new expiry.
    package mutating func renewed(_ leases: [WorkUnit: Int64], alive: [LeaseMember], asked: Moment) -> [Action] {
        members = max(1, alive.count)
        validUntil = asked + life
        let all = alive.contains { $0.id == me } ? alive : alive + [LeaseMember(id: me, scopes: scopes)]
        let owners = LeaseShare.assign(members: all, partitions: partitions)
        let mine = Set(owners.filter { $0.value == me }.keys)
        let surplus = Set(leases.keys).subtracting(mine)
        self.leases = leases.filter { mine.contains($0.key) }
        let wanted = mine.subtracting(leases.keys)
        return (surplus.isEmpty ? [] : [.giveBack(surplus)]) + (wanted.isEmpty ? [] : [.take(wanted)])
    }

    /// Takes note of leases that were free and are ours now.
    package mutating func took(_ taken: [WorkUnit: Int64]) {
        leases.merge(taken) { $1 }
    }

    /// Holds nothing any more.
    package mutating func release() {
        leases = [:]
    }
}
