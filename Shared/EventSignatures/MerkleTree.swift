import Crypto

/// A hash tree over the records of a run: its root stands for all of them, and a path of hashes ties each to the root.
///
/// Leaves and inner nodes are hashed with different first bytes, so that neither can be taken for the other. Where a
/// level has an odd number of nodes, 32 zero bytes stand beside the last: no node hashes to them.
struct MerkleTree {
    /// The longest path: a run has at most 2^7 records.
    static let maximumDepth = 7

    private let levels: [[Hash32]]

    /// Builds the tree over these leaves; there is at least one.
    init(leaves: [Hash32]) {
        var levels = [leaves]
        while let level = levels.last, level.count > 1 {
            levels.append(
                stride(from: 0, to: level.count, by: 2).map { index in
                    Self.node(level[index], index + 1 < level.count ? level[index + 1] : .zero)
                })
        }
        self.levels = levels
    }

    /// The hash that stands for all leaves.
    var root: Hash32 { levels.last?.first ?? .zero }

    /// The neighbours of a leaf on the way to the root, lowest first.
    func path(of leaf: Int) -> [Hash32] {
        var index = leaf
        return levels.dropLast().map { level in
            defer { index /= 2 }
            let neighbour = index ^ 1
            return neighbour < level.count ? level[neighbour] : .zero
        }
    }

    /// The hash of two nodes.
    static func node(_ left: Hash32, _ right: Hash32) -> Hash32 {
        withUnsafeTemporaryAllocation(byteCount: 65, alignment: 8) { bytes in
            bytes[0] = 1
            left.store(in: bytes, at: 1)
            right.store(in: bytes, at: 33)
            var hash = SHA256()
            hash.update(bufferPointer: UnsafeRawBufferPointer(bytes))
            return Hash32(hash.finalize())
        }
    }

    /// The hash of a record at its place.
    ///
    /// Every field stands behind its length, so no two different records are hashed from the same bytes.
    static func leaf(_ value: [UInt8], at place: RecordPlace) -> Hash32 {
        var head: [UInt8] = [0]
        head.reserveCapacity(128)
        head.append(field: domain.utf8)
        head.append(field: place.environment.utf8)
        head.append(field: place.topic.utf8)
        head.append(bigEndian: UInt32(bitPattern: place.partition))
        head.append(bigEndian: UInt32(clamping: value.count))
        var hash = SHA256()
        head.withUnsafeBytes { hash.update(bufferPointer: $0) }
        value.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return Hash32(hash.finalize())
    }

    private static let domain = "toegang-record-1"
}

extension [UInt8] {
    fileprivate mutating func append(field: String.UTF8View) {
        append(bigEndian: UInt32(clamping: field.count))
        append(contentsOf: field)
    }

    fileprivate mutating func append(bigEndian number: UInt32) {
        for shift in [24, 16, 8, 0] as [UInt32] { append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
}
