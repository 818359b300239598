import Crypto
import FoundationEssentials

/// A hash tree over the records of a run: its root stands for all of them, and a path of hashes ties each to the root.
///
/// Leaves and inner nodes are hashed with different first bytes, so that neither can be taken for the other. Where a
/// level has an odd number of nodes, 32 zero bytes stand beside the last: no node hashes to them.
struct MerkleTree {
    /// The longest path: a run has at most 2^7 records.
    static let maximumDepth = 7

    private let levels: [[[UInt8]]]

    /// Builds the tree over these leaves; there is at least one.
    init(leaves: [[UInt8]]) {
        var levels = [leaves]
        while let level = levels.last, level.count > 1 {
            levels.append(
                stride(from: 0, to: level.count, by: 2).map { index in
                    Self.node(level[index], index + 1 < level.count ? level[index + 1] : Self.nothing)
                })
        }
        self.levels = levels
    }

    /// The hash that stands for all leaves.
    var root: [UInt8] { levels.last?.first ?? Self.nothing }

    /// The neighbours of a leaf on the way to the root, lowest first.
    func path(of leaf: Int) -> [[UInt8]] {
        var index = leaf
        return levels.dropLast().map { level in
            defer { index /= 2 }
            let neighbour = index ^ 1
            return neighbour < level.count ? level[neighbour] : Self.nothing
        }
    }

    /// The root to which a leaf and its path lead; nil when there is no such leaf in a tree of that depth.
    static func root(from leaf: [UInt8], index: Int, path: [[UInt8]]) -> [UInt8]? {
        guard path.count <= maximumDepth, (0..<(1 << path.count)).contains(index) else { return nil }
        var (hash, index) = (leaf, index)
        for neighbour in path {
            hash = index % 2 == 0 ? node(hash, neighbour) : node(neighbour, hash)
            index /= 2
        }
        return hash
    }

    /// The hash of a record at its place.
    ///
    /// Every field stands behind its length, so no two different records are hashed from the same bytes.
    static func leaf(_ value: [UInt8], at place: RecordPlace) -> [UInt8] {
        var hash = SHA256()
        var head: [UInt8] = [0]
        for field in [domain, Array(place.environment.utf8), Array(place.topic.utf8)] {
            head.append(bigEndian: UInt32(clamping: field.count))
            head += field
        }
        head.append(bigEndian: UInt32(bitPattern: place.partition))
        head.append(bigEndian: UInt32(clamping: value.count))
        hash.update(data: head)
        hash.update(data: value)
        return Array(hash.finalize())
    }

    private static let domain = Array("toegang-record-1".utf8)
    private static let nothing = [UInt8](repeating: 0, count: 32)

    private static func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: [1] as [UInt8])
        hash.update(data: left)
        hash.update(data: right)
        return Array(hash.finalize())
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian number: UInt32) {
        Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
    }
}
