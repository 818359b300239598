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

    let key: KeyID
    let leaf: Int
    let path: [[UInt8]]
    let signature: [UInt8]

    init(key: KeyID, leaf: Int, path: [[UInt8]], signature: [UInt8]) {
        self.key = key
        self.leaf = leaf
        self.path = path
        self.signature = signature
    }

    /// Reads the bytes of a header; nil when they are of another form.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.fixedLength, bytes[0] == 1 else { return nil }
        let depth = Int(bytes[34])
        guard depth <= MerkleTree.maximumDepth, bytes.count == Self.fixedLength + 32 * depth else { return nil }
        key = KeyID(thumbprint: Array(bytes[1..<33]))
        leaf = Int(bytes[33])
        path = (0..<depth).map { Array(bytes[35 + 32 * $0..<67 + 32 * $0]) }
        signature = Array(bytes.suffix(64))
    }

    /// The header's value.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = [1]
        bytes += key.thumbprint
        bytes.append(UInt8(clamping: leaf))
        bytes.append(UInt8(clamping: path.count))
        for hash in path { bytes += hash }
        return bytes + signature
    }

    private static let fixedLength = 1 + 32 + 1 + 1 + 64

    /// What is signed: a text that no other signature of the suite is made over, and the root.
    static func signed(root: [UInt8]) -> [UInt8] { Array("toegang-run-1".utf8) + [0] + root }
}
