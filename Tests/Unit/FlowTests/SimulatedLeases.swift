import Flow
import FoundationEssentials

/// The lease tables of one service, as the statements of `LeaseStore` treat them.
struct SimulatedLeases {
    struct Lease {
        var owner: UUID?
        var epoch: Int64 = 0
        var freedAt = Moment(.seconds(-1000))
    }

    struct Member {
        let scopes: Set<String>
        var expires: Moment
    }

    private(set) var leases: [WorkUnit: Lease] = [:]
    private(set) var members: [UUID: Member] = [:]

    mutating func register(_ scopes: Set<String>, partitions: Int) {
        for scope in scopes {
            for partition in 0..<Int32(partitions) where leases[WorkUnit(scope, partition)] == nil {
                leases[WorkUnit(scope, partition)] = Lease()
            }
        }
    }

    mutating func renew(
        _ me: LeaseMember, life: Duration, at now: Moment
    ) -> (leases: [WorkUnit: Int64], alive: [LeaseMember]) {
        if !isAlive(me.id, at: now) { free(me.id, at: now) }
        members[me.id] = Member(scopes: me.scopes, expires: now + life)
        members = members.filter { now - $0.value.expires < .seconds(60) }
        let alive = members.filter { $0.value.expires > now && !$0.value.scopes.isDisjoint(with: me.scopes) }
        return (
            leases.filter { $0.value.owner == me.id }.mapValues(\.epoch),
            alive.map { LeaseMember(id: $0.key, scopes: $0.value.scopes) }
        )
    }

    mutating func take(_ units: Set<WorkUnit>, for owner: UUID, at now: Moment) -> [WorkUnit: Int64] {
        var taken: [WorkUnit: Int64] = [:]
        for unit in units {
            guard var lease = leases[unit], !(lease.owner.map { isAlive($0, at: now) } ?? false) else { continue }
            lease.owner = owner
            lease.epoch += 1
            leases[unit] = lease
            taken[unit] = lease.epoch
        }
        return taken
    }

    mutating func giveBack(_ units: Set<WorkUnit>, of owner: UUID, at now: Moment) {
        for unit in units where leases[unit]?.owner == owner {
            leases[unit]?.owner = nil
            leases[unit]?.freedAt = now
        }
    }

    mutating func leave(_ owner: UUID, at now: Moment) {
        free(owner, at: now)
        members[owner] = nil
    }

    /// Takes all leases of a scope; false when somebody alive holds one.
    mutating func takeAll(_ scope: String, for owner: UUID, at now: Moment) -> Bool {
        let units = leases.keys.filter { $0.scope == scope }
        if units.contains(where: { leases[$0]?.owner.map { isAlive($0, at: now) } ?? false }) { return false }
        for unit in units {
            leases[unit]?.owner = owner
            leases[unit]?.epoch += 1
        }
        return true
    }

    func isHeld(_ unit: WorkUnit, epoch: Int64) -> Bool { leases[unit]?.epoch == epoch }

    func isAlive(_ owner: UUID, at now: Moment) -> Bool { members[owner].map { $0.expires > now } ?? false }

    /// Whether somebody works on a unit, or did until a moment ago: as `Doubts` asks it.
    func isFollowed(_ unit: WorkUnit, at now: Moment) -> Bool {
        guard let lease = leases[unit] else { return false }
        guard let owner = lease.owner else { return now - lease.freedAt < .seconds(10) }
        return members[owner].map { now - $0.expires < .seconds(10) } ?? false
    }

    /// The units that a living instance knows and no living instance that knows them holds.
    func orphans(at now: Moment) -> [WorkUnit] {
        let alive = members.filter { $0.value.expires > now }
        return leases.filter { unit, lease in
            guard alive.contains(where: { $0.value.scopes.contains(unit.scope) }) else { return false }
            return !(lease.owner.flatMap { alive[$0] }?.scopes.contains(unit.scope) ?? false)
        }.map(\.key)
    }

    private mutating func free(_ owner: UUID, at now: Moment) {
        for unit in leases.keys where leases[unit]?.owner == owner {
            leases[unit]?.owner = nil
            leases[unit]?.freedAt = now
        }
    }
}

/// The lease side of a simulated instance; an answer of the database may reach it late.
struct SimulatedHolder {
    let member: LeaseMember
    private(set) var holder: LeaseHolder
    private let life: Duration
    private var next: Moment
    private var late: (leases: [WorkUnit: Int64], alive: [LeaseMember], asked: Moment)?

    init(_ member: LeaseMember, partitions: Int, life: Duration, at now: Moment) {
        self.member = member
        self.life = life
        next = now
        holder = LeaseHolder(me: member.id, scopes: member.scopes, partitions: partitions, life: life)
    }

    func held(at now: Moment) -> [WorkUnit: Int64] { holder.held(at: now) }

    mutating func step(_ table: inout SimulatedLeases, at now: Moment) {
        if let answer = late {
            late = nil
            for action in holder.renewed(answer.leases, alive: answer.alive, asked: answer.asked) {
                switch action {
                case .giveBack(let units): table.giveBack(units, of: member.id, at: now)
                case .take(let units): holder.took(table.take(units, for: member.id, at: now))
                }
            }
        } else if now >= next {
            let answer = table.renew(member, life: life, at: now)
            late = (answer.leases, answer.alive, now)
            next = now + .milliseconds(1000)
        }
    }
}
