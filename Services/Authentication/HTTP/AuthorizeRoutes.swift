import AuthenticationDomain
import Hummingbird
import Pages
import Vocabulary
import Web

/// Where a portal sends a browser, and where the browser comes back to from the profile picker.
///
/// | route | who |
/// | --- | --- |
/// | GET /authorize | any browser; the request is checked against the registered client |
/// | GET /authorize/resume | the browser that holds the run's cookie |
struct AuthorizeRoutes: Sendable {
    private let site: AuthenticationSite
    private static let parameters = [
        "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
        "code_challenge_method", "acr_values", "prompt", "max_age", "ui_locales", "request", "request_uri",
        "response_mode",
    ]

    init(_ site: AuthenticationSite) {
        self.site = site
    }

    func add(to router: Router<AppContext>) {
        router.get("/authorize") { request, context in try await authorize(request, context) }
        router.get("/authorize/resume") { request, context in try await resume(request, context) }
    }

    private func authorize(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let query = site.query(request) else {
            return page(.repeatedParameter, request, context)
        }
        let parameters = Self.parameters.compactMap { name in query[name].map { (name: name, value: $0) } }
        let outcome = try await BeginSignIn(site.essentials)(
            parameters, browserCookie: site.pages.cookie.value(in: request),
            sessionCookie: site.sessionCookie.value(in: request), language: site.pages.language(of: request),
            facts: site.facts(request, context))
        switch outcome {
        case .page(let problem):
            return page(problem, request, context)
        case .portal(let error, let uri, let state):
            var parameters = [("error", error.code.rawValue), ("error_description", error.detail)]
            if let state { parameters.append(("state", state)) }
            return portalRedirect(uri, parameters, issuer: site.essentials.issuer)
        case .chooser(let transaction, let cookie):
            var response = Response.seeOther("\(site.essentials.issuer)/sign-in?transaction=\(transaction)")
            site.pages.cookie.set(cookie, on: &response)
            return response
        case .profilePicker(let interaction, let cookie):
            var response = Response.seeOther(site.profilePicker(interaction))
            site.pages.cookie.set(cookie, on: &response)
            return response
        }
    }

    private func resume(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let interaction = site.query(request)?["interaction"].flatMap({ InteractionID($0) }) else {
            return over(nil, request, context)
        }
        let outcome = try await ResumeSignIn(site.essentials)(
            interaction, browserCookie: site.pages.cookie.value(in: request), facts: site.facts(request, context))
        switch outcome {
        case .portal(let uri, let code, let state):
            return portalRedirect(uri, [("code", code), ("state", state)], issuer: site.essentials.issuer)
        case .profilePicker:
            return .seeOther(site.profilePicker(interaction))
        case .over(let client):
            return over(client, request, context)
        case .otherBrowser:
            return site.explanation("resume.other-browser", tone: .wrong, request: request, context, status: .forbidden)
        }
    }

    private func page(
        _ problem: AuthorizationPageProblem, _ request: Request, _ context: AppContext
    ) -> Response {
        site.explanation("authorize.\(problem.rawValue)", tone: .wrong, request: request, context, status: .badRequest)
    }

    private func over(_ client: Client?, _ request: Request, _ context: AppContext) -> Response {
        let name = client?.name ?? site.pages.renderer.text("sign-in.portal", [:], site.pages.language(of: request))
        return site.explanation(
            "sign-in.over", ["portal": name], tone: .warn, request: request, context, status: .gone)
    }
}
