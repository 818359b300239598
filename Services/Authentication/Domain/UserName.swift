/// The name an account signs in with.
///
/// Upper and lower case are the same name, because people type it on telephones that capitalise the first letter.
package struct UserName: Hashable, Sendable {
    /// The folded form: what is stored and compared.
    package let folded: String

    /// The longest user name, in characters.
    package static let maximumLength = 64

    /// Reads a user name; `nil` when it is empty, too long, or holds anything but letters, digits and `. _ - @ +`.
    ///
    /// What cannot be seen, such as a zero-width space that was copied along, is dropped.
    package init?(_ text: String) {
        guard text.utf8.count <= 4 * UserName.maximumLength else { return nil }
        var text = text
        text.unicodeScalars.removeAll { $0.properties.generalCategory == .format }
        guard !text.isEmpty, text.utf8.count <= UserName.maximumLength else { return nil }
        guard text.unicodeScalars.allSatisfy(UserName.allows) else { return nil }
        folded = text.lowercased()
    }

    private static func allows(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "-", "@", "+": true
        default: false
        }
    }
}
