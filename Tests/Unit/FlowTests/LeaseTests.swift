import Flow
import FoundationEssentials
import TestBasics
import Testing

@Suite("Leases")
struct LeaseTests {
    private let a = UUID()
    private let b = UUID()
    private let c = UUID()

    private func holder(_ id: UUID, scopes: Set<String> = ["x"]) -> LeaseHolder {
        LeaseHolder(me: id, scopes: scopes, partitions: 32, life: .seconds(3))
    }

    private func taken(_ actions: [LeaseHolder.Action]) -> Set<WorkUnit> {
        for case .take(let units) in actions { return units }
        return []
    }

    @Test("one instance takes everything, and holds it for as long as it could renew")
    func alone() {
        var holder = holder(a)
        let me = LeaseMember(id: a, scopes: ["x"])
        #expect(holder.held(at: at(0)).isEmpty)
        let actions = holder.renewed([:], alive: [me], asked: at(0))
        #expect(taken(actions).count == 32)
        #expect(actions.count == 1)
        holder.took(Dictionary(uniqueKeysWithValues: taken(actions).map { ($0, 1) }))
        #expect(holder.held(at: at(2.9)).count == 32)
        #expect(holder.held(at: at(3)).isEmpty)
        #expect(holder.renewed(holder.held(at: at(2)), alive: [me], asked: at(2)).isEmpty)
        #expect(holder.held(at: at(4.9)).count == 32)
        holder.release()
        #expect(holder.held(at: at(4)).isEmpty)
    }

    @Test("when a second instance comes, the first gives back what the second takes, and nothing else")
    func second() {
        var first = holder(a)
        let all = Dictionary(uniqueKeysWithValues: (0..<32).map { (WorkUnit("x", $0), Int64(1)) })
        let alive = [a, b].map { LeaseMember(id: $0, scopes: ["x"]) }
        let actions = first.renewed(all, alive: alive, asked: at(0))
        var second = holder(b)
        let wanted = taken(second.renewed([:], alive: alive, asked: at(0)))
        #expect(actions == [.giveBack(wanted)])
        #expect(wanted.count == 16)
        #expect(first.held(at: at(1)).count == 16)
        #expect(first.members == 2)
    }

    @Test("what the database did not renew is ours no more")
    func lost() {
        var holder = holder(a)
        holder.took([WorkUnit("x", 1): 4])
        _ = holder.renewed([:], alive: [LeaseMember(id: a, scopes: ["x"])], asked: at(0))
        #expect(holder.held(at: at(0)).isEmpty)
    }

    @Test("every piece of work has an owner that knows it, and nobody has more than its share", arguments: 1...40)
    func shares(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let scopes = ["p", "q", "r", "s", "t"]
        let members = (0..<Int.random(in: 1...6, using: &random)).map { _ in
            LeaseMember(
                id: random.uuid(), scopes: Set(scopes.filter { _ in Bool.random(using: &random) }))
        }
        let owners = LeaseShare.assign(members: members.shuffled(using: &random), partitions: 32)
        let known = Set(members.flatMap(\.scopes))
        #expect(owners.count == known.count * 32)
        for (unit, owner) in owners {
            #expect(try #require(members.first { $0.id == owner }).scopes.contains(unit.scope))
        }
        #expect(owners == LeaseShare.assign(members: members, partitions: 32))
    }

    @Test("a release that adds a projection leaves no partition to nobody while both versions run")
    func twoVersions() {
        let old = LeaseMember(id: a, scopes: ["p", "q", "r"])
        let new = LeaseMember(id: b, scopes: ["p", "q", "r", "s"])
        let owners = LeaseShare.assign(members: [old, new], partitions: 32)
        #expect(owners.count == 128)
        #expect(owners.filter { $0.key.scope == "s" }.allSatisfy { $0.value == b })
        #expect(owners.filter { $0.value == a }.count == 48)
        // And one that drops a projection: only the old version goes on with it.
        let dropping = LeaseMember(id: c, scopes: ["p", "q"])
        let after = LeaseShare.assign(members: [old, dropping], partitions: 32)
        #expect(after.count == 96)
        #expect(after.filter { $0.key.scope == "r" }.allSatisfy { $0.value == a })
    }

    @Test("work moves little when an instance leaves")
    func stable() {
        let members = [a, b, c].map { LeaseMember(id: $0, scopes: ["x", "y", "z"]) }
        let before = LeaseShare.assign(members: members, partitions: 32)
        let after = LeaseShare.assign(members: Array(members.dropLast()), partitions: 32)
        let moved = before.filter { $0.value != c && after[$0.key] != $0.value }
        #expect(moved.count <= 16)
    }
}
