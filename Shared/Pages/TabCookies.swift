import Crypto
package import Hummingbird
import Keys
package import Vocabulary

/// The cookies that tie what several tabs of one browser began to that browser.
///
/// Each errand has a cookie of its own, so that tabs which begin at the same moment do not take each other's away, and
/// its value is new each time: what was in the browser before is never taken over.
package struct TabCookies: Sendable {
    /// How many errands a browser can have under way; the oldest falls out.
    package static let limit = 8

    private let prefix: String
    private let lifetime: Duration
    private let secure: Bool

    /// - Parameters:
    ///   - prefix: the beginning of the names.
    ///   - lifetime: how long a browser keeps each, in whole seconds.
    ///   - secure: whether browsers reach the service over TLS.
    package init(prefix: String, lifetime: Duration, secure: Bool) {
        self.prefix = prefix
        self.lifetime = lifetime
        self.secure = secure
    }

    /// The secret of an errand, when this browser began it.
    package func secret(of errand: String, in request: Request) -> String? {
        guard let value = cookie(errand).value(in: request) else { return nil }
        let parts = value.split(separator: ".", maxSplits: 1)
        return parts.count == 2 ? String(parts[1]) : nil
    }

    /// Gives the browser the secret of an errand, and takes the oldest away when it has too many.
    package func set(
        _ secret: String, of errand: String, at now: Instant, in request: Request, on response: inout Response
    ) {
        let own = cookie(errand)
        own.set(
            "\(now.secondsSinceEpoch).\(secret)", maxAge: Int(lifetime.components.seconds), on: &response)
        let others = sent(with: request).filter { $0.cookie.name != own.name }.sorted { $0.begun > $1.begun }
        for old in others.dropFirst(Self.limit - 1) { old.cookie.clear(on: &response) }
    }

    /// Takes the secret of an errand away.
    package func clear(_ errand: String, on response: inout Response) {
        cookie(errand).clear(on: &response)
    }

    private func cookie(_ errand: String) -> BrowserCookie { named(Self.suffix(of: errand)) }

    private func named(_ suffix: String) -> BrowserCookie {
        BrowserCookie(name: "\(prefix)_\(suffix)", secure: secure)
    }

    /// Sixteen characters that tell errands of one browser apart; nothing rests on their being secret.
    private static func suffix(of errand: String) -> String {
        Base64URL.encode(Array(SHA256.hash(data: Array(errand.utf8)).prefix(12)))
    }

    /// The cookies of this kind that came with a request.
    private func sent(with request: Request) -> [(cookie: BrowserCookie, begun: Int64)] {
        let start = named("").name
        let pairs = request.headers[values: .cookie].flatMap { $0.split(separator: ";") }
        return pairs.compactMap { pair in
            let parts = pair[...].trimmedWhitespace.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].hasPrefix(start) else { return nil }
            let begun = parts[1].split(separator: ".").first.flatMap { Int64($0) }
            return (named(String(parts[0].dropFirst(start.count))), begun ?? 0)
        }
    }
}
