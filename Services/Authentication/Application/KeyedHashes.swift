package import AuthenticationDomain
import Crypto
import CryptoExtras
import FoundationEssentials
package import Keys
package import Vocabulary
import Web

/// Hashes under keys that only this service has.
package struct KeyedHashes: Sendable {
    private let pairwise: HMACKey
    private let failures: HMACKey

    package init(pairwise: HMACKey, failures: HMACKey) {
        self.pairwise = pairwise
        self.failures = failures
    }

    /// The id that a person with this number gets (RFC 9562, version 8).
    ///
    /// It follows from the number, so that whoever is met again after the database lost her has the id that mandates,
    /// rights and dossiers know her by. Without the key it tells nothing, and no number leads to it.
    package func person(of number: NationalNumber) -> PersonID {
        let bytes = pairwise.code(of: "person:\(number.digits)")
        return PersonID(
            UUID(
                uuid: (
                    bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6] & 0x0f | 0x80, bytes[7],
                    bytes[8] & 0x3f | 0x80, bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
                )))
    }

    /// The subject under which one portal knows a person; no two portals can compare theirs.
    package func subject(of person: PersonID, at client: String) -> String {
        Base64URL.encode(pairwise.code(of: "subject:\(client):\(person)"))
    }

    /// The id under which one portal knows a session: the session's own, permuted by AES under a key of the portal's.
    ///
    /// It can be turned back (``session(_:of:)``), so that nobody keeps a table of them.
    package func pseudonym(of session: SessionID, at client: String) throws -> SessionID {
        try permuted(session) { block in try AES.permute(&block, key: sessionKey(of: client)) }
    }

    /// The session that one portal knows under this id.
    package func session(_ pseudonym: SessionID, of client: String) throws -> SessionID {
        try permuted(pseudonym) { block in try AES.inversePermute(&block, key: sessionKey(of: client)) }
    }

    private func sessionKey(of client: String) -> SymmetricKey {
        SymmetricKey(data: pairwise.code(of: "session:\(client)"))
    }

    /// An id is as long as a block of AES.
    private func permuted(_ id: SessionID, by permute: (inout [UInt8]) throws -> Void) throws -> SessionID {
        var block = withUnsafeBytes(of: id.uuid.uuid) { Array($0) }
        try permute(&block)
        return SessionID(block.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) })
    }

    /// The hash of an account's name as it was typed, whether it can be one or not: what somebody tries on a name that
    /// nobody has is held against it as on any other.
    package func account(_ name: String) -> [UInt8] {
        failures.code(of: "account:\(UserName(name)?.folded ?? "?" + name.lowercased())")
    }

    /// The hash of the network that an address lies in: the address of version 4, 64 bits of version 6.
    package func network(_ address: String) -> [UInt8] { failures.network(address) }

    /// Where an attempt comes from.
    ///
    /// - Parameters:
    ///   - browser: the hash of the browser's device cookie, when the account has signed in with it before.
    ///   - address: of the browser; nobody's counts as one network.
    package func origin(account name: String, knownBrowser browser: [UInt8]?, address: String?) -> AttemptOrigin {
        let wide = address.flatMap { NetworkAddress($0) }.flatMap { address in
            address.isVersion4 ? nil : failures.code(of: "wide-network:\(address.network(bits: 48).bytes)")
        }
        return AttemptOrigin(
            account: account(name), knownBrowser: browser, network: network(address ?? "?"), wideNetwork: wide)
    }
}
