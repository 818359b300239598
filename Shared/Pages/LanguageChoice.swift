import HTTPTypes
package import Hummingbird
package import Vocabulary

/// Which language a reader gets: what she chose, else what her browser prefers, else Dutch.
package struct LanguageChoice: Sendable {
    /// All services share the choice, so the cookie's name is the same for all.
    package static let cookieName = "toegang_language"

    private let available: [Language]
    private let cookie: BrowserCookie

    /// - Parameters:
    ///   - available: the languages that have texts.
    ///   - secure: whether browsers reach the service over TLS.
    package init(available: [Language], secure: Bool) {
        self.available = available
        cookie = BrowserCookie(name: Self.cookieName, secure: secure)
    }

    /// The language for a request.
    package func language(of request: Request) -> Language {
        if let chosen = cookie.value(in: request).flatMap(Language.init),
            available.contains(chosen)
        {
            return chosen
        }
        return preferred(request.headers[values: .acceptLanguage].joined(separator: ",")) ?? .nl
    }

    /// The best available language of an `Accept-Language` header.
    package func preferred(_ header: String) -> Language? {
        var best: (language: Language, quality: Double)?
        for range in header.split(separator: ",").prefix(32) {
            let parts = range.split(separator: ";")
            guard let tag = parts.first?.trimmedWhitespace.lowercased().split(separator: "-").first,
                let language = Language(rawValue: String(tag)), available.contains(language)
            else { continue }
            let weight = parts.dropFirst().map(\.trimmedWhitespace).first { $0.hasPrefix("q=") }
            let quality = weight.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if quality > 0, quality > (best?.quality ?? 0) { best = (language, quality) }
        }
        return best?.language
    }

    /// Whether a link to a path stays with us: two slashes at its start would lead to another host, and browsers read a
    /// backslash as a slash.
    static func isOwnPath(_ path: String) -> Bool {
        path.hasPrefix("/") && !path.hasPrefix("//") && !path.contains("\\")
    }

    /// The address that a link of the language switch leads to.
    static func link(to target: String, language: Language) -> String {
        "\(target)\(target.contains("?") ? "&" : "?")lang=\(language.rawValue)"
    }
}

/// Answers `?lang=…` on a page by keeping the choice and asking for the same page without it.
package struct LanguageSwitchMiddleware<Context: RequestContext>: RouterMiddleware {
    private let available: [Language]
    private let secure: Bool

    /// - Parameters:
    ///   - available: the languages that have texts.
    ///   - secure: whether browsers reach the service over TLS.
    package init(available: [Language], secure: Bool) {
        self.available = available
        self.secure = secure
    }

    package func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard request.method == .get, let query = request.uri.query else { return try await next(request, context) }
        let pairs = query.split(separator: "&")
        guard let choice = pairs.first(where: { $0.hasPrefix("lang=") }) else {
            return try await next(request, context)
        }
        let rest = pairs.filter { !$0.hasPrefix("lang=") }.joined(separator: "&")
        let location = request.uri.path + (rest.isEmpty ? "" : "?\(rest)")
        guard LanguageChoice.isOwnPath(location) else { return try await next(request, context) }
        var response = Response(status: .seeOther, headers: SecurityHeaders.forPage())
        response.headers[.location] = location
        if let language = Language(rawValue: String(choice.dropFirst("lang=".count))), available.contains(language) {
            BrowserCookie(name: LanguageChoice.cookieName, secure: secure)
                .set(language.rawValue, maxAge: 31_536_000, on: &response)
        }
        return response
    }
}
