import Contracts
import HTTPTypes
package import Hummingbird
package import ServiceKit
package import Vocabulary

/// What all pages of one service share: its renderer, its cookie, its forms and its reader's language.
package struct PageSite: Sendable {
    package let renderer: PageRenderer
    /// The cookie that forms are tied to.
    package let cookie: BrowserCookie
    private let csrf: CSRF
    private let languages: LanguageChoice
    private let secure: Bool
    private let homePath: String?
    private let formTargets: [String]

    /// - Parameters:
    ///   - cookie: the cookie whose value forms are bound to.
    ///   - csrfKey: at least 32 random bytes, the same for all instances of a service.
    ///   - baseURL: the address browsers reach the service under; `https` makes cookies secure.
    ///   - homePath: where the product name leads to.
    ///   - formTargets: origins beside our own that a form may end at; see ``PageContext/formTargets``.
    package init(
        renderer: PageRenderer, cookie: String, cookiePath: String = "/", csrfKey: [UInt8], baseURL: String,
        homePath: String? = nil, formTargets: [String] = []
    ) {
        self.renderer = renderer
        secure = baseURL.hasPrefix("https:")
        self.cookie = BrowserCookie(name: cookie, path: cookiePath, secure: secure)
        csrf = CSRF(key: csrfKey)
        languages = LanguageChoice(available: renderer.languages)
        self.homePath = homePath
        self.formTargets = formTargets
    }

    /// A further cookie of the service.
    package func otherCookie(_ name: String, path: String = "/") -> BrowserCookie {
        BrowserCookie(name: name, path: path, secure: secure)
    }

    /// The reader's language.
    package func language(of request: Request) -> Language { languages.language(of: request) }

    /// What a page needs to know of a request.
    ///
    /// - Parameter cookieValue: the value to bind forms to when this answer is the one that sets the cookie.
    package func context(
        _ request: Request, _ context: AppContext, cookieValue: String? = nil, signedInAs: String? = nil,
        signOutPath: String? = nil
    ) -> PageContext {
        let cookieValue = cookieValue ?? cookie.value(in: request)
        // A path that starts with two slashes would be a link to another host.
        let isPage = request.method == .get && !request.uri.path.hasPrefix("//")
        return PageContext(
            language: language(of: request), csrfToken: cookieValue.map(csrf.token) ?? "", signedInAs: signedInAs,
            requestID: context.requestID, languageSwitch: isPage ? request.uri.description : nil,
            signOutPath: signOutPath, homePath: homePath, formTargets: formTargets)
    }

    /// Reads a form of one of our pages.
    ///
    /// - Throws: a `Problem`: what ``FormData/read(_:limit:)`` throws, and 403 `form.stale` for a form that was not
    ///   made for this browser and its cookie.
    package func form(_ request: Request, limit: Int = defaultBodyLimit) async throws(Problem) -> FormData {
        let form = try await FormData.read(request, limit: limit)
        guard let value = cookie.value(in: request), csrf.verify(form, cookie: value) else { throw Problem(.staleForm) }
        return form
    }

    /// Adds what all pages need to a router: security headers, the language switch, problem pages, stylesheet.
    ///
    /// Add it before the routes of the pages.
    package func install(on router: Router<AppContext>) {
        router.add(middleware: SecurityHeadersMiddleware<AppContext>(https: secure))
        router.add(middleware: ProblemPages(site: self))
        router.add(middleware: LanguageSwitchMiddleware<AppContext>(available: renderer.languages, secure: secure))
        renderer.assets.addRoutes(to: router)
    }
}

/// Answers a browser's request that fails with a page in the reader's language; others get the problem as JSON.
package struct ProblemPages: RouterMiddleware {
    private let site: PageSite

    package init(site: PageSite) {
        self.site = site
    }

    package func handle(
        _ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            guard request.headers[.accept]?.contains("text/html") == true else { throw error }
            let problem = ErrorAnswer.problem(for: error, context: context)
            var response = site.renderer.problem(
                problem.code, reasons: problem.reasons, context: site.context(request, context))
            if let seconds = problem.retryAfter { response.headers[.retryAfter] = String(seconds) }
            return response
        }
    }
}
