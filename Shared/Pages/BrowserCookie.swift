package import Hummingbird

/// A cookie of one of our pages: not readable by scripts, sent by links but not by forms of other sites.
package struct BrowserCookie: Sendable {
    /// The cookie's name, which differs per service since browsers share cookies between ports.
    ///
    /// Over TLS it begins with `__Host-`: browsers then take it from this very host alone, and only over TLS, so that
    /// no neighbour of its domain can plant one.
    package let name: String
    private let secure: Bool

    /// - Parameters:
    ///   - name: the name without prefix.
    ///   - secure: whether browsers reach the service over TLS.
    package init(name: String, secure: Bool) {
        self.name = secure ? "__Host-\(name)" : name
        self.secure = secure
    }

    /// The value that the browser sent, when it sent one that can be ours.
    package func value(in request: Request) -> String? {
        guard let value = request.cookies[name]?.value, !value.isEmpty, value.utf8.count <= 512 else { return nil }
        return value
    }

    /// Sets the cookie on an answer.
    ///
    /// - Parameter maxAge: seconds the browser keeps it; nothing means until it closes.
    package func set(_ value: String, maxAge: Int? = nil, on response: inout Response) {
        response.setCookie(
            Cookie(
                name: name, value: value, maxAge: maxAge, path: "/", secure: secure, httpOnly: true, sameSite: .lax))
    }

    /// Asks the browser to forget the cookie.
    package func clear(on response: inout Response) {
        set("", maxAge: 0, on: &response)
    }
}
