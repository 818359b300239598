import Vocabulary

/// What an address or a form says of the run that it belongs to.
///
/// A run in which nobody has signed in yet is kept nowhere: its name carries all that there is of it, sealed. Once
/// somebody signed in, its id is enough.
package struct TransactionName: Hashable, Sendable, CustomStringConvertible {
    /// The longest text, in bytes: with `state` and `nonce` as long as they may be, a sealed run is shorter.
    package static let maximumLength = 10 * 1024

    package let id: TransactionID
    /// The sealed run, base64url.
    package let sealed: String?

    package init(_ id: TransactionID, sealed: String? = nil) {
        self.id = id
        self.sealed = sealed
    }

    /// A name as it was sent; `nil` for what can be none.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.maximumLength else { return nil }
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let id = parts.first.flatMap({ TransactionID(String($0)) }) else { return nil }
        self.init(id, sealed: parts.count == 2 ? String(parts[1]) : nil)
    }

    package var description: String { sealed.map { "\(id).\($0)" } ?? id.description }
}
