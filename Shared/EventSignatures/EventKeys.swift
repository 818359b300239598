package import Crypto
import FoundationEssentials
import Keys

/// The id of a key: the SHA-256 thumbprint of its JSON Web Key (RFC 7638), so that nobody has to agree on a name.
package struct KeyID: Hashable, Sendable, CustomStringConvertible {
    let hash: Hash32

    /// The 32 bytes.
    package var thumbprint: [UInt8] { hash.bytes }

    /// The id of an Ed25519 key.
    package init(of key: Curve25519.Signing.PublicKey) {
        let text = #"{"crv":"Ed25519","kty":"OKP","x":"\#(Base64URL.encode(Array(key.rawRepresentation)))"}"#
        hash = Hash32(SHA256.hash(data: Data(text.utf8)))
    }

    /// Base64url, as `kid` has it.
    package var description: String { Base64URL.encode(thumbprint) }
}

/// How far a public key is trusted.
package enum KeyState: String, Decodable, Sendable, CaseIterable {
    /// Its owner signs with it.
    case current
    /// Its owner signed with it, or will: what it signed holds. The log keeps the events of every key ever used.
    case accepted
    /// It leaked or was lost: what it signed has no effect any more, until its owner has published it again.
    case withdrawn
}

/// The public keys of everybody who sends events, heads and requests: one file, the same for all services.
package struct PublicKeys: Sendable {
    struct Entry: Sendable {
        let owner: String
        let state: KeyState
        let key: Curve25519.Signing.PublicKey
    }

    let entries: [Hash32: Entry]

    /// What is wrong with a file of public keys.
    package struct Problem: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// Reads a JSON Web Key Set whose keys say, beside the members of RFC 8037, `source` (who signs with it), `state`
    /// and `kid`, which is the key's thumbprint.
    ///
    /// - Throws: `Problem`, which names the key by its place.
    package init(json: [UInt8]) throws(Problem) {
        let set: KeySet
        do {
            set = try JSONDecoder().decode(KeySet.self, from: Data(json))
        } catch {
            throw Problem(
                description: """
                    the file is no JSON object with a list of "keys", each of which has kty, crv, x, kid, source and state
                    """)
        }
        var entries: [Hash32: Entry] = [:]
        for (index, item) in set.keys.enumerated() {
            func problem(_ text: String) -> Problem { Problem(description: "key \(index + 1): \(text)") }
            guard item.kty == "OKP", item.crv == "Ed25519" else {
                throw problem("kty has to be OKP, and crv Ed25519")
            }
            if item.d != nil { throw problem("it is a private key: \"d\" belongs into the key file of its owner only") }
            guard let state = KeyState(rawValue: item.state) else {
                throw problem("state has to be current, accepted or withdrawn")
            }
            guard !item.source.isEmpty else { throw problem("source is empty") }
            guard let bytes = Base64URL.decode(item.x),
                let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
            else { throw problem("x has to be the 32 bytes of the public key in base64url") }
            let id = KeyID(of: key)
            guard item.kid == id.description else {
                throw problem("kid has to be the key's thumbprint, \(id)")
            }
            guard entries[id.hash] == nil else { throw problem("it stands in the file twice") }
            entries[id.hash] = Entry(owner: item.source, state: state, key: key)
        }
        self.entries = entries
    }

    /// The keys of a test: each a current one of its owner.
    package init(_ keys: [(owner: String, state: KeyState, key: Curve25519.Signing.PublicKey)]) {
        entries = Dictionary(
            keys.map { (KeyID(of: $0.key).hash, Entry(owner: $0.owner, state: $0.state, key: $0.key)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// How far a key is trusted, and whose it is; nil for one that is not in the file.
    package func state(of id: KeyID) -> (owner: String, state: KeyState)? {
        entries[id.hash].map { ($0.owner, $0.state) }
    }

    private struct KeySet: Decodable {
        let keys: [Key]
    }

    private struct Key: Decodable {
        let kty: String
        let crv: String
        let x: String
        let kid: String
        let source: String
        let state: String
        let d: String?
    }
}

/// The private half of a sender's key.
package struct EventSigningKey: Sendable {
    /// What the public file calls it.
    package let id: KeyID
    let key: Curve25519.Signing.PrivateKey

    /// Takes a key.
    package init(_ key: Curve25519.Signing.PrivateKey) {
        self.key = key
        id = KeyID(of: key.publicKey)
    }

    /// The public half.
    package var publicKey: Curve25519.Signing.PublicKey { key.publicKey }

    /// Reads a PEM file with a private key as `openssl genpkey -algorithm ed25519` writes it (PKCS #8); nil when it
    /// holds anything else.
    package init?(pem: String) {
        let lines = pem.split(whereSeparator: \.isNewline)
        guard lines.first == "-----BEGIN PRIVATE KEY-----", lines.last == "-----END PRIVATE KEY-----",
            let der = Data(base64Encoded: lines.dropFirst().dropLast().joined()),
            der.count == Self.pkcs8Prefix.count + 32, der.starts(with: Self.pkcs8Prefix),
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: der.suffix(32))
        else { return nil }
        self.init(key)
    }

    /// RFC 8410: version 0, algorithm 1.3.101.112, and an octet string that holds one of 32 bytes.
    private static let pkcs8Prefix: [UInt8] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
}
