import ContractCore
import HTTPTypes
package import Hummingbird
package import Keys
import Logging
package import Vocabulary
package import Web

/// What all pages of one service share: its renderer, its cookie, its forms and its reader's language.
package struct PageSite: Sendable {
    package let renderer: PageRenderer
    /// The cookie that forms are tied to, unless they belong to one of several errands of a browser.
    package let cookie: BrowserCookie
    private let csrf: CSRF
    private let languages: LanguageChoice
    private let secure: Bool
    private let homePath: String?
    private let formTargets: [String]

    /// - Parameters:
    ///   - cookie: the cookie whose value forms are bound to.
    ///   - csrfKey: the same for all instances of a service.
    ///   - baseURL: the address browsers reach the service under; `https` makes cookies secure.
    ///   - homePath: where the product name leads to.
    ///   - formTargets: origins beside our own that a form of every page may end at; see ``PageContext/formTargets``.
    package init(
        renderer: PageRenderer, cookie: String, csrfKey: HMACKey, baseURL: String, homePath: String? = nil,
        formTargets: [String] = []
    ) {
        self.renderer = renderer
        secure = baseURL.hasPrefix("https:")
        self.cookie = BrowserCookie(name: cookie, secure: secure)
        csrf = CSRF(key: csrfKey)
        languages = LanguageChoice(available: renderer.languages, secure: secure)
        self.homePath = homePath
        self.formTargets = formTargets
    }

    /// A further cookie of the service.
    package func otherCookie(_ name: String) -> BrowserCookie { BrowserCookie(name: name, secure: secure) }

    /// Cookies for errands of which a browser can have several under way.
    package func tabCookies(_ prefix: String, lifetime: Duration) -> TabCookies {
        TabCookies(prefix: prefix, lifetime: lifetime, secure: secure)
    }

    /// The reader's language.
    package func language(of request: Request) -> Language { languages.language(of: request) }

    /// What a page needs to know of a request.
    ///
    /// - Parameters:
    ///   - cookieValue: the value to bind forms to, where it is not the one that came in ``cookie``.
    ///   - formTargets: further origins that a form of this page may end at.
    package func context(
        _ request: Request, _ context: AppContext, cookieValue: String? = nil, signedInAs: String? = nil,
        signOutPath: String? = nil, formTargets: [String] = []
    ) -> PageContext {
        let cookieValue = cookieValue ?? cookie.value(in: request)
        let isPage = request.method == .get && LanguageChoice.isOwnPath(request.uri.path)
        return PageContext(
            language: language(of: request), csrfToken: cookieValue.map(csrf.token) ?? "", signedInAs: signedInAs,
            requestID: context.requestID, languageSwitch: isPage ? request.uri.description : nil,
            signOutPath: signOutPath, homePath: homePath,
            formTargets: self.formTargets + formTargets.filter { !self.formTargets.contains($0) },
            logger: context.logger)
    }

    /// Reads a form of one of our pages.
    ///
    /// - Throws: a `Problem`: what ``FormData/read(_:limit:)`` throws, and 403 `form.stale` for a form that was not
    ///   made for this browser and its cookie.
    package func form(_ request: Request, limit: Int = defaultBodyLimit) async throws(Problem) -> FormData {
        let form = try await FormData.read(request, limit: limit)
        try require(form, madeFor: cookie.value(in: request))
        return form
    }

    /// Refuses with 403 `form.stale` a form that was not made for the browser that holds a secret.
    package func require(_ form: FormData, madeFor secret: String?) throws(Problem) {
        guard let secret, csrf.verify(form, cookie: secret) else { throw Problem(.staleForm) }
    }

    /// Adds what all pages need to a router: security headers, the language switch, problem pages, stylesheet.
    ///
    /// Add it before the routes of the pages.
    ///
    /// - Parameter reader: what a problem page needs to know of who reads it; nothing for pages without sessions.
    package func install(on router: Router<AppContext>, reader: ProblemPages.Reader? = nil) {
        router.add(middleware: SecurityHeadersMiddleware<AppContext>(https: secure))
        router.add(middleware: ProblemPages(site: self, reader: reader))
        router.add(middleware: LanguageSwitchMiddleware<AppContext>(available: renderer.languages, secure: secure))
        renderer.assets.addRoutes(to: router)
    }
}

/// Answers a browser's request that fails with a page in the reader's language; others get the problem as JSON.
package struct ProblemPages: RouterMiddleware {
    /// Finds who reads the answer to a request: her name, the way out, the way back.
    package typealias Reader = @Sendable (Request, AppContext) async -> PageContext

    private let site: PageSite
    private let reader: Reader?

    package init(site: PageSite, reader: Reader? = nil) {
        self.site = site
        self.reader = reader
    }

    package func handle(
        _ request: Request, context: AppContext, next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            guard request.headers[.accept]?.contains("text/html") == true else { throw error }
            let problem = ErrorAnswer.problem(for: error, context: context)
            let page = await reader?(request, context) ?? site.context(request, context)
            return site.problem(problem, page: page, context: context, kept: Self.kept(request, problem.code))
        }
    }

    /// Who only reads asked for no change, and perhaps saved one a moment ago: "nothing has changed" would deny it.
    private static func kept(_ request: Request, _ code: ProblemCode) -> String? {
        guard request.method == .get || request.method == .head else { return nil }
        return [.unavailable, .dependencyUnavailable, .restoring].contains(code) ? "problem.reading.kept" : nil
    }
}

extension PageSite {
    /// The page of a problem, under a reference by which the log is searched.
    ///
    /// - Parameter kept: the key of a text that says what was kept, where the problem's own text would be untrue.
    package func problem(
        _ problem: Problem, page: PageContext, context: AppContext, kept: String? = nil
    ) -> Response {
        context.logger.info(
            "A problem page was shown",
            metadata: ["code": "\(problem.code.rawValue)", "reference": "\(page.reference)"])
        var response = renderer.problem(problem.code, reasons: problem.reasons, context: page, kept: kept)
        if let seconds = problem.retryAfter { response.headers[.retryAfter] = String(seconds) }
        return response
    }
}
