import Crypto
import Keys
package import Web

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
        Base64URL.encode(HMAC<SHA256>.authenticationCode(for: message(cookie), using: key))
    }

    /// Whether the form carries the token of this cookie; the comparison takes the same time for every wrong token.
    package func verify(_ form: FormData, cookie: String) -> Bool {
        guard let text = form[Self.field], let bytes = Base64URL.decode(text) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(bytes, authenticating: message(cookie), using: key)
    }

    /// The leading word keeps these codes apart from others that a service makes with the same key.
    private func message(_ cookie: String) -> [UInt8] { Array("csrf\0\(cookie)".utf8) }
}
