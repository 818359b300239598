import Crypto
import FoundationEssentials

/// Seals small values for storage: AES-GCM with 256-bit keys that carry ids, so that keys can be replaced.
///
/// The stored form is one byte for the length of the key id, the key id, the nonce, the ciphertext and the tag.
/// The associated data (the id of the row the value belongs to) keeps a sealed value from being moved to another row.
package struct SealingKey: Sendable {
    /// The id of the key that seals new values.
    package let currentID: String
    private let keys: [String: SymmetricKey]

    /// Keys by id, each 32 bytes, of which `currentID` seals and all open.
    ///
    /// Nil when an id is empty or longer than 32 bytes, a key has another length, or the current key is missing.
    package init?(currentID: String, keys: [String: [UInt8]]) {
        guard keys[currentID] != nil, keys.allSatisfy({ (1...32).contains($0.key.utf8.count) && $0.value.count == 32 })
        else { return nil }
        self.currentID = currentID
        self.keys = keys.mapValues { SymmetricKey(data: $0) }
    }

    /// The ids of all keys that open.
    package var ids: [String] { keys.keys.sorted() }

    /// Seals `plain` under the current key; throws only what the cryptographic library throws.
    package func seal(_ plain: some Sequence<UInt8>, associated: [UInt8]) throws -> [UInt8] {
        guard let key = keys[currentID] else { throw SealingError.unknownKey }
        let box = try AES.GCM.seal([UInt8](plain), using: key, authenticating: associated)
        let id = [UInt8](currentID.utf8)
        return [UInt8(id.count)] + id + [UInt8](box.nonce) + [UInt8](box.ciphertext) + [UInt8](box.tag)
    }

    /// Opens what `seal` made for the same associated data.
    package func open(_ sealed: [UInt8], associated: [UInt8]) throws(SealingError) -> [UInt8] {
        guard let length = sealed.first.map(Int.init), sealed.count >= 1 + length + 28 else { throw .malformed }
        let id = String(decoding: sealed[1..<(1 + length)], as: UTF8.self)
        guard let key = keys[id] else { throw .unknownKey }
        do {
            let box = try AES.GCM.SealedBox(combined: sealed[(1 + length)...])
            return [UInt8](try AES.GCM.open(box, using: key, authenticating: associated))
        } catch {
            throw .notAuthentic
        }
    }
}

/// Why a sealed value does not open.
package enum SealingError: Error, Sendable {
    /// Shorter than any sealed value.
    case malformed
    /// Sealed under a key that is not among the keys of this process.
    case unknownKey
    /// Changed, or sealed for another row.
    case notAuthentic
}
