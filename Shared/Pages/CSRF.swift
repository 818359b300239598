import Crypto
import FoundationEssentials

/// Ties a form to the browser that was given it: the token is an HMAC over the value of a cookie.
///
/// A page of another site can make a browser send the cookie, but knows neither its value nor the key.
package struct CSRF: Sendable {
    /// The name of the hidden form field.
    package static let field = "csrf"

    private let key: SymmetricKey

    /// - Parameter key: at least 32 random bytes, the same for all instances of a service.
    package init(key: [UInt8]) {
        self.key = SymmetricKey(data: key)
    }

    /// The token for the browser that holds a cookie of this value.
    package func token(for cookie: String) -> String {
        Base64URL.encode(Array(HMAC<SHA256>.authenticationCode(for: message(cookie), using: key)))
    }

    /// Whether the form carries the token of this cookie; the comparison takes the same time for every wrong token.
    package func verify(_ form: FormData, cookie: String) -> Bool {
        guard let text = form[Self.field], let bytes = Base64URL.decode(text) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(bytes, authenticating: message(cookie), using: key)
    }

    /// The leading word keeps these codes apart from others that a service makes with the same key.
    private func message(_ cookie: String) -> [UInt8] { Array("csrf\0\(cookie)".utf8) }
}

/// Base64 with the URL alphabet and without padding (RFC 4648 section 5).
package enum Base64URL {
    /// The text of the bytes.
    package static func encode(_ bytes: [UInt8]) -> String {
        String(
            Data(bytes).base64EncodedString().compactMap { character in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            })
    }

    /// The bytes of the text, or nothing when it is no such text.
    package static func decode(_ text: String) -> [UInt8]? {
        guard text.utf8.allSatisfy(isAllowed), text.utf8.count % 4 != 1 else { return nil }
        var standard = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        standard += String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        return Data(base64Encoded: standard).map(Array.init)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
