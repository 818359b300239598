import Crypto

/// Seals what a browser carries for a service, so that whoever only begins something leaves nothing behind in it.
///
/// Each thing is sealed under a key of its own that follows from its name: however many strangers begin, no key seals more
/// than one, and what is sealed opens under its name alone.
package struct CarriedSeal: Sendable {
    private let key: HMACKey
    private let kind: String

    /// - Parameters:
    ///   - key: the same for all instances of a service.
    ///   - kind: a word that keeps these seals apart from all else that is made with the key.
    package init(key: HMACKey, kind: String) {
        self.key = key
        self.kind = kind
    }

    /// The fields as a text for an address or a cookie.
    ///
    /// - Parameters:
    ///   - fields: texts that have no zero.
    ///   - name: of what they belong to; random, and never that of two things.
    package func seal(_ fields: [String], as name: String) throws -> String {
        let box = try AES.GCM.seal(
            [UInt8](fields.joined(separator: "\0").utf8), using: ownKey(name), authenticating: associated(name))
        return Base64URL.encode([UInt8](box.nonce) + [UInt8](box.ciphertext) + [UInt8](box.tag))
    }

    /// The fields of a text; `nil` for what was not sealed by us as this.
    package func open(_ text: String, as name: String) -> [String]? {
        guard let sealed = Base64URL.decode(text), let box = try? AES.GCM.SealedBox(combined: sealed),
            let plain = try? AES.GCM.open(box, using: ownKey(name), authenticating: associated(name))
        else { return nil }
        return String(decoding: plain, as: UTF8.self).split(separator: "\0", omittingEmptySubsequences: false)
            .map(String.init)
    }

    private func ownKey(_ name: String) -> SymmetricKey { SymmetricKey(data: key.code(of: "\(kind)\0\(name)")) }

    private func associated(_ name: String) -> [UInt8] { [UInt8]("\(kind):\(name)".utf8) }
}
