import AuthenticationDomain
import Hummingbird
import Logging
import Pages
import ServiceKit
import Vocabulary

/// Where a portal sends a browser, and where the browser comes back to from the profile picker.
///
/// | route | who |
/// | --- | --- |
/// | GET /authorize | any browser; the request is checked against the registered client |
/// | POST /authorize | the same by a portal's form, answered by a redirect to GET |
/// | GET /authorize/resume | the browser that holds the run's cookie |
struct AuthorizeRoutes: Sendable {
    private let site: AuthenticationSite
    private static let parameters = [
        "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
        "code_challenge_method", "acr_values", "prompt", "max_age", "ui_locales", "request", "request_uri",
        "response_mode", "id_token_hint",
    ]
    /// The longest form, in bytes: what becomes of it has to be an address that servers take.
    private static let formLimit = 8 * 1024

    init(_ site: AuthenticationSite) {
        self.site = site
    }

    func add(to router: Router<AppContext>) {
        router.get("/authorize") { request, context in try await authorize(request, context) }
        router.post("/authorize") { request, context in try await authorizeByForm(request, context) }
        router.get("/authorize/resume") { request, context in try await resume(request, context) }
    }

    /// A form of another site comes without this browser's cookies; the redirect to the same request by GET has them.
    private func authorizeByForm(_ request: Request, _ context: AppContext) async throws -> Response {
        try request.requireMediaType("application/x-www-form-urlencoded")
        let bytes = try await request.readBody(limit: Self.formLimit)
        // Read, so that what is no form is refused here, and passed on as it came, so that nothing of it is lost.
        guard (try? FormData(encoded: bytes)) != nil, bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            return page(.repeatedParameter, request, context)
        }
        return .seeOther("\(site.essentials.issuer)/authorize?" + String(decoding: bytes, as: UTF8.self))
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
            note(reason: problem.rawValue, query, context)
            return page(problem, request, context)
        case .portal(let error, let uri, let state):
            note(reason: "\(error.code.rawValue): \(error.detail)", query, context)
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

    /// The developer of a portal finds here why her request was refused; the page names the request id.
    private func note(reason: String, _ query: FormData, _ context: AppContext) {
        context.logger.notice(
            "Authorization refused",
            metadata: ["reason": "\(reason)", "client": "\(loggable(clientID: query["client_id"]))"])
    }

    private func resume(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let interaction = site.query(request)?["interaction"].flatMap({ InteractionID($0) }) else {
            return over(nil, request, context)
        }
        let outcome = try await ResumeSignIn(site.essentials)(
            interaction, browserCookie: site.pages.cookie.value(in: request), facts: site.facts(request, context))
        switch outcome {
        case .portal(let uri, let code, let state):
            let state = state.map { [("state", $0)] } ?? []
            return portalRedirect(uri, [("code", code)] + state, issuer: site.essentials.issuer)
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
