package import ContractCore
package import FoundationEssentials

/// The smallest piece of work that has one owner at a time: one partition of a scope.
package struct WorkUnit: Hashable, Comparable, Sendable {
    /// What the work is, such as `outbox`, or the name of a projection and its source.
    package let scope: String
    package let partition: Int32

    /// Names a piece of work.
    package init(_ scope: String, _ partition: Int32) {
        self.scope = scope
        self.partition = partition
    }

    package static func < (left: WorkUnit, right: WorkUnit) -> Bool {
        (left.scope, left.partition) < (right.scope, right.partition)
    }
}

/// One partition of a source as one projection follows it.
package struct ProjectionUnit: Hashable, Comparable, Sendable {
    package let projection: String
    package let source: EventSource
    package let partition: Int32

    /// Names a partition of a projection.
    package init(projection: String, source: EventSource, partition: Int32) {
        self.projection = projection
        self.source = source
        self.partition = partition
    }

    /// What the lease of the unit is taken on.
    package var work: WorkUnit { WorkUnit(Self.scope(projection, source), partition) }
    package var place: Positions.Place { Positions.Place(source, partition) }

    package static func < (left: ProjectionUnit, right: ProjectionUnit) -> Bool {
        (left.projection, left.place) < (right.projection, right.place)
    }

    /// How the leases of a projection are called.
    package static func scope(_ projection: String, _ source: EventSource) -> String {
        "\(projection)/\(source.rawValue)"
    }
}

/// A living instance, and the scopes that its version of the program knows.
package struct LeaseMember: Hashable, Sendable {
    package let id: UUID
    package let scopes: Set<String>

    /// Names an instance.
    package init(id: UUID, scopes: Set<String>) {
        self.id = id
        self.scopes = scopes
    }
}

/// Who is to do what.
package enum LeaseShare {
    /// Gives each piece of work to one of the members that know its scope.
    ///
    /// Every member computes the same from the same list of members, so nobody negotiates. Only members that know a
    /// scope count for it: two versions of a program with different projections leave nothing to nobody. Work moves
    /// little when a member comes or goes (rendezvous hashing), and nobody gets more than a fair share (rounded up) of
    /// what it knows while somebody else has room.
    package static func assign(members: [LeaseMember], partitions: Int) -> [WorkUnit: UUID] {
        let members = members.sorted { $0.id < $1.id }
        var knowers: [String: [LeaseMember]] = [:]
        for member in members {
            for scope in member.scopes { knowers[scope, default: []].append(member) }
        }
        var room: [UUID: Int] = [:]
        for member in members {
            // In parts of 1/720720, which the counts up to 16 divide: no rounding that differs between machines.
            let share = member.scopes.reduce(0) { $0 + partitions * 720_720 / (knowers[$1]?.count ?? 1) }
            room[member.id] = (share + 720_719) / 720_720
        }
        var owners: [WorkUnit: UUID] = [:]
        // What few members know is given out first: others can still take what many know.
        for (scope, known) in knowers.sorted(by: { ($0.value.count, $0.key) < ($1.value.count, $1.key) }) {
            for partition in 0..<Int32(partitions) {
                let unit = WorkUnit(scope, partition)
                let free = known.filter { room[$0.id] ?? 0 > 0 }
                let chosen = (free.isEmpty ? known : free).max { weight(of: $0.id, unit) < weight(of: $1.id, unit) }
                guard let chosen else { continue }
                owners[unit] = chosen.id
                room[chosen.id, default: 0] -= 1
            }
        }
        return owners
    }

    private static func weight(of member: UUID, _ unit: WorkUnit) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        withUnsafeBytes(of: member.uuid) { $0.forEach(mix) }
        unit.scope.utf8.forEach(mix)
        withUnsafeBytes(of: unit.partition.littleEndian) { $0.forEach(mix) }
        // FNV changes the high bits little for the last bytes; the finalizer of SplitMix64 spreads them.
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        return hash ^ (hash >> 31)
    }
}
