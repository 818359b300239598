import Crypto

/// Why a record is not believed.
package enum SignatureFault: String, Error, Sendable, CaseIterable {
    /// It has no signature, or one of another form.
    case unsigned
    /// No public key of that id is known here.
    case unknownKey = "unknown-key"
    /// The key is not trusted any more.
    case withdrawnKey = "withdrawn-key"
    /// The key is that of somebody who does not send this.
    case foreignKey = "foreign-key"
    /// The signature is not over these bytes at this place: forged, changed, or sent elsewhere or in another
    /// environment.
    case wrong = "wrong-signature"
}

/// Says who sent a record, or why nobody can be believed to have.
///
/// The roots that were verified last are remembered: of a run, only the first record costs a check of a signature, the
/// others cost hashes. What is not right is never remembered, so nobody can push the roots out.
package struct RecordVerifier: Sendable {
    private struct Proven: Hashable {
        let key: Hash32
        let root: Hash32
        let signature: Hash32
        let signatureEnd: Hash32
    }

    private let keys: PublicKeys
    private let capacity: Int
    private var proven: Set<Proven> = []
    private var oldestFirst: [Proven] = []
    private var oldest = 0

    /// A verifier with these keys, which remembers so many roots.
    package init(keys: PublicKeys, capacity: Int = 256) {
        self.keys = keys
        self.capacity = max(1, capacity)
    }

    /// The owner of the key that signed these bytes for this place.
    ///
    /// - Throws: `SignatureFault`; never `foreignKey`, since who may send what is the caller's knowledge.
    package mutating func sender(
        of value: [UInt8], at place: RecordPlace, header bytes: [UInt8]?
    ) throws(SignatureFault) -> String {
        guard let header = bytes.flatMap(SignatureHeader.init) else { throw .unsigned }
        guard let entry = keys.entries[header.key] else { throw .unknownKey }
        guard entry.state != .withdrawn else { throw .withdrawnKey }
        guard let root = header.root(from: MerkleTree.leaf(value, at: place)) else { throw .wrong }
        let (start, end) = header.signatureHalves
        let claim = Proven(key: header.key, root: root, signature: start, signatureEnd: end)
        if proven.contains(claim) { return entry.owner }
        guard entry.key.isValidSignature(header.signature, for: SignatureHeader.signed(root: root)) else {
            throw .wrong
        }
        remember(claim)
        return entry.owner
    }

    /// How many roots are remembered.
    package var remembered: Int { proven.count }

    private mutating func remember(_ claim: Proven) {
        if oldestFirst.count < capacity {
            oldestFirst.append(claim)
        } else {
            proven.remove(oldestFirst[oldest])
            oldestFirst[oldest] = claim
            oldest = (oldest + 1) % capacity
        }
        proven.insert(claim)
    }
}
