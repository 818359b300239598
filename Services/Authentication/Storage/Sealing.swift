/// Encrypts values before they are stored, each for its own row.
package protocol Sealing: Sendable {
    /// The id of the key that seals new values; a sealed value begins with the length of its key's id, and the id.
    var currentID: String { get }

    /// The ids of all keys that open.
    var ids: [String] { get }

    /// Seals a value for the row that the associated data names.
    func seal(_ plain: [UInt8], associated: [UInt8]) throws -> [UInt8]

    /// Opens what was sealed for the same row; throws for anything else.
    func open(_ sealed: [UInt8], associated: [UInt8]) throws -> [UInt8]
}

extension Sealing {
    /// Seals again what was sealed for a row, under the current key.
    func again(_ sealed: [UInt8], associated: [UInt8]) throws -> [UInt8] {
        try seal(try open(sealed, associated: associated), associated: associated)
    }
}
