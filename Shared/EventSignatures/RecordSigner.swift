import Crypto

/// What a service needs to take part in events: its own key, and the public keys of all.
package struct EventKeys: Sendable {
    /// Signs what the service sends.
    package let signer: RecordSigner
    /// Whom it believes.
    package let publicKeys: PublicKeys

    /// Joins a service's own key with the public keys of all.
    package init(signer: RecordSigner, publicKeys: PublicKeys) {
        self.signer = signer
        self.publicKeys = publicKeys
    }
}

/// Signs what a sender stores in one partition.
package struct RecordSigner: Sendable {
    /// As many records as one signature covers.
    package static let maximumRun = 1 << MerkleTree.maximumDepth

    /// The key that signs.
    package let key: EventSigningKey

    /// A signer with a key.
    package init(_ key: EventSigningKey) { self.key = key }

    /// The headers of records that are sent to one place: one signature for each run of at most 128 of them.
    ///
    /// - Throws: `CryptoKitError`.
    package func sign(_ values: [[UInt8]], at place: RecordPlace) throws -> [SignatureHeader] {
        var headers: [SignatureHeader] = []
        headers.reserveCapacity(values.count)
        var start = 0
        while start < values.count {
            let run = values[start..<min(start + Self.maximumRun, values.count)]
            let tree = MerkleTree(leaves: run.map { MerkleTree.leaf($0, at: place) })
            let signature = Array(try key.key.signature(for: SignatureHeader.signed(root: tree.root)))
            for index in 0..<run.count {
                headers.append(
                    SignatureHeader(key: key.id, leaf: index, path: tree.path(of: index), signature: signature))
            }
            start += run.count
        }
        return headers
    }
}
