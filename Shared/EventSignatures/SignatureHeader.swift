/// The Kafka header by which a record proves itself.
///
/// | bytes | what |
/// | --- | --- |
/// | 1 | the version of this form: 1 |
/// | 32 | the id of the key: the SHA-256 thumbprint of its JSON Web Key (RFC 7638) |
/// | 1 | the index of the record's leaf |
/// | 1 | the number of hashes in the path, at most 7 |
/// | 32 each | the path, lowest first |
/// | 64 | the Ed25519 signature of the root |
package struct SignatureHeader: Hashable, Sendable {
    /// The header's name.
    package static let name = "toegang-signature"

    /// The header's value.
    package let bytes: [UInt8]

    init(key: KeyID, leaf: Int, path: [Hash32], signature: [UInt8]) {
        var bytes: [UInt8] = [1]
        bytes += key.thumbprint
        bytes.append(UInt8(clamping: leaf))
        bytes.append(UInt8(clamping: path.count))
        for hash in path { bytes += hash.bytes }
        self.bytes = bytes + signature
    }

    /// Reads the bytes of a header; nil when they are of another form.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.fixedLength, bytes[0] == 1, bytes[34] <= MerkleTree.maximumDepth,
            bytes.count == Self.fixedLength + 32 * Int(bytes[34])
        else { return nil }
        self.bytes = bytes
    }

    var key: Hash32 { bytes.withUnsafeBytes { Hash32($0, at: 1) } }

    var signature: [UInt8] { Array(bytes.suffix(64)) }

    /// The two halves of the signature.
    var signatureHalves: (Hash32, Hash32) {
        bytes.withUnsafeBytes { (Hash32($0, at: $0.count - 64), Hash32($0, at: $0.count - 32)) }
    }

    /// The root to which a leaf and the path lead; nil when there is no such leaf in a tree of that depth.
    func root(from leaf: Hash32) -> Hash32? {
        bytes.withUnsafeBytes { bytes in
            var index = bytes[33]
            let depth = Int(bytes[34])
            guard index >> bytes[34] == 0 else { return nil }
            var hash = leaf
            for level in 0..<depth {
                let neighbour = Hash32(bytes, at: 35 + 32 * level)
                hash = index & 1 == 0 ? MerkleTree.node(hash, neighbour) : MerkleTree.node(neighbour, hash)
                index >>= 1
            }
            return hash
        }
    }

    private static let fixedLength = 1 + 32 + 1 + 1 + 64

    /// What is signed: a text that no other signature of the suite is made over, and the root.
    static func signed(root: Hash32) -> [UInt8] { Array("toegang-run-1".utf8) + [0] + root.bytes }
}
