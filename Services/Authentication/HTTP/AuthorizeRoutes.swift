import AuthenticationDomain
import Hummingbird
import Logging
import Pages
import Vocabulary
import Web

/// Where a portal sends a browser, and where the browser comes back to from the profile picker.
///
/// | route | who |
/// | --- | --- |
/// | GET /authorize | any browser; the request is checked against the registered client |
/// | POST /authorize | the same by a portal's form, answered by a redirect to GET |
/// | GET /authorize/resume | the browser that holds the run's cookie |
struct AuthorizeRoutes: Sendable {
    let site: AuthenticationSite
    let begin: BeginSignIn
    let resume: ResumeSignIn
    private static let parameters = [
        "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
        "code_challenge_method", "acr_values", "prompt", "max_age", "ui_locales", "request", "request_uri",
        "response_mode", "id_token_hint",
    ]
    /// The longest form, in bytes: what becomes of it has to be an address that servers take.
    private static let formLimit = 8 * 1024

    func add(to router: Router<AppContext>) {
        router.get("/authorize") { request, context in try await authorize(request, context) }
        router.post("/authorize") { request, context in try await authorizeByForm(request, context) }
        router.get("/authorize/resume") { request, context in try await comeBack(request, context) }
    }

    /// A form of another site comes without this browser's cookies; the redirect to the same request by GET has them.
    private func authorizeByForm(_ request: Request, _ context: AppContext) async throws -> Response {
        try request.requireMediaType("application/x-www-form-urlencoded")
        let bytes = try await request.readBody(limit: Self.formLimit)
        // Read, so that what is no form is refused here, and passed on as it came, so that nothing of it is lost.
        guard (try? FormData(encoded: bytes, repeatable: ["resource"])) != nil,
            bytes.allSatisfy({ (0x21...0x7e).contains($0) })
        else {
            return page(.repeatedParameter, request, context)
        }
        return .seeOther("\(site.issuer)/authorize?" + String(decoding: bytes, as: UTF8.self))
    }

    private func authorize(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let query = site.query(request, repeatable: ["resource"]) else {
            return page(.repeatedParameter, request, context)
        }
        let parameters =
            Self.parameters.compactMap { name in query[name].map { (name: name, value: $0) } }
            + query.all("resource").map { (name: "resource", value: $0) }
        let outcome = try await begin(
            parameters, sessionCookie: site.sessionCookie.value(in: request),
            language: site.pages.language(of: request), act: site.act(request, context))
        switch outcome {
        case .page(let problem):
            note(reason: problem.rawValue, query, context)
            return page(problem, request, context)
        case .portal(let error, let uri, let state):
            note(reason: "\(error.code.rawValue): \(error.detail)", query, context)
            var parameters = [("error", error.code.rawValue), ("error_description", error.detail)]
            if let state { parameters.append(("state", state)) }
            return portalRedirect(uri, parameters, issuer: site.issuer)
        case .chooser(let transaction, let cookie):
            var response = Response.seeOther("\(site.issuer)/sign-in?transaction=\(transaction)")
            site.give(cookie, of: transaction.id, to: request, on: &response)
            return response
        case .profilePicker(let interaction, let transaction, let cookie):
            var response = Response.seeOther(site.profilePicker(interaction))
            site.give(cookie, of: transaction, to: request, on: &response)
            return response
        }
    }

    /// The developer of a portal finds here why her request was refused; the page names the request id.
    private func note(reason: String, _ query: FormData, _ context: AppContext) {
        context.logger.notice(
            "Authorization refused",
            metadata: ["reason": "\(reason)", "client": "\(loggable(clientID: query["client_id"]))"])
    }

    private func comeBack(_ request: Request, _ context: AppContext) async throws -> Response {
        let query = site.query(request)
        guard let interaction = query?["interaction"].flatMap({ InteractionID($0) }) else {
            return site.over(nil, request, context)
        }
        let transaction = query?["transaction"].flatMap { TransactionID($0) }
        let outcome = try await resume(
            interaction, browserCookie: site.secret(of: transaction, in: request), act: site.act(request, context))
        switch outcome {
        case .portal(let uri, let code, let state):
            let state = state.map { [("state", $0)] } ?? []
            return portalRedirect(uri, [("code", code)] + state, issuer: site.issuer)
        case .profilePicker:
            return .seeOther(site.profilePicker(interaction))
        case .over(let client):
            return site.over(client, request, context)
        case .refused(let transaction):
            return accessDenied(transaction, "another person signed in than id_token_hint names", site)
        case .otherBrowser(let client):
            return site.explanation(
                "resume.other-browser", tone: .wrong,
                buttons: site.wayBack(to: client, site.pages.language(of: request)),
                request: request, context, status: .forbidden)
        }
    }

    private func page(
        _ problem: AuthorizationPageProblem, _ request: Request, _ context: AppContext
    ) -> Response {
        site.explanation("authorize.\(problem.rawValue)", tone: .wrong, request: request, context, status: .badRequest)
    }
}

/// Brings a browser back to its portal without a code.
func accessDenied(_ transaction: SignInTransaction, _ why: String, _ site: AuthenticationSite) -> Response {
    let state = transaction.request.state.map { [("state", $0)] } ?? []
    let error = [("error", OAuthError.Code.accessDenied.rawValue), ("error_description", why)]
    return portalRedirect(transaction.request.redirectURI, error + state, issuer: site.issuer)
}
