package import Keys

/// Answers a form or an address that the same browser sends again moments later as it was answered first: a double
/// click is one click, whichever of the two answers the browser shows.
///
/// The secrets of an answer are not kept, so that they can be given again they are derived from what was sent, under a
/// key of this service. Whoever planted what the browser had before cannot derive them.
package struct RepeatedForms: Sendable {
    /// How long after the first time something counts as the same click.
    package static let window: Duration = .seconds(10)

    /// What a secret is for.
    package enum Purpose: String, Sendable {
        /// The cookie of a session.
        case session
        /// The cookie of a run.
        case browser
        /// The cookie by which a browser is known that somebody signed in with.
        case device
        /// What a portal exchanges.
        case code
    }

    private let key: HMACKey

    /// - Parameter key: the same for all instances.
    package init(key: HMACKey) {
        self.key = key
    }

    /// A digest of what was sent; without the key nobody can try passwords against it.
    package func digest(_ parts: [String]) -> [UInt8] { code("form", parts) }

    /// The secret of an answer, which looks random to everybody else.
    package func secret(_ purpose: Purpose, of parts: [String]) -> String {
        Base64URL.encode(code(purpose.rawValue, parts))
    }

    /// The leading words keep these codes apart from others that the service makes with the same key; the lengths keep
    /// the parts apart from each other.
    private func code(_ purpose: String, _ parts: [String]) -> [UInt8] {
        key.code(of: parts.reduce("repeat\0\(purpose)") { $0 + "\0\($1.utf8.count)\0\($1)" })
    }
}
