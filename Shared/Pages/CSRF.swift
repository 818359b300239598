package import Keys
package import Web

/// Ties a form to the browser that was given it: the token is an HMAC over the value of a cookie.
///
/// A page of another site can make a browser send the cookie, but knows neither its value nor the key.
package struct CSRF: Sendable {
    /// The name of the hidden form field.
    package static let field = "csrf"

    private let key: HMACKey

    /// - Parameter key: the same for all instances of a service.
    package init(key: HMACKey) {
        self.key = key
    }

    /// The token for the browser that holds a cookie of this value.
    package func token(for cookie: String) -> String {
        Base64URL.encode(key.code(of: message(cookie)))
    }

    /// Whether the form carries the token of this cookie; the comparison takes the same time for every wrong token.
    package func verify(_ form: FormData, cookie: String) -> Bool {
        guard let text = form[Self.field], let bytes = Base64URL.decode(text) else { return false }
        return key.isCode(bytes, of: message(cookie))
    }

    /// The leading word keeps these codes apart from others that a service makes with the same key.
    private func message(_ cookie: String) -> String { "csrf\0\(cookie)" }
}
