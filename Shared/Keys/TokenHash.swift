import Crypto

/// What is stored of an opaque token or code: its SHA-256, so that a copy of the database signs nobody in.
package enum TokenHash {
    /// The 32 bytes to store and to look up by.
    package static func of(_ token: some StringProtocol) -> [UInt8] {
        [UInt8](SHA256.hash(data: [UInt8](token.utf8)))
    }
}

/// Compares two secrets in a time that depends on their lengths alone.
package func constantTimeEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
