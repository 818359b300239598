import Contracts
import HTTPClients
import HTTPTypes
import Hummingbird
import Logging
import Pages
import PortalDomain
import Postgres
import ServiceKit
import Vocabulary

/// What all pages of the portal work with.
struct PortalPages: Sendable {
    let site: PageSite
    let sessions: Sessions
    let provider: OpenIDProvider
    let signIn: SignIn
    let tokens: AccessTokens
    let neighbours: Neighbours
    let tabs: Tabs
    let today: @Sendable () -> LocalDate

    init(_ config: PortalConfiguration, _ base: ServiceBase) throws {
        let renderer = try PageRenderer(
            templates: PortalTemplates.templates, texts: PortalTemplates.texts, serviceCenter: config.serviceCenter)
        site = PageSite(
            renderer: renderer, cookie: "toegang_portal", csrfKey: config.formKey, baseURL: base.baseURL,
            homePath: PortalPaths.start, formTargets: [base.issuer])
        let seal = PortalSeal(config.sealingKey)
        provider = OpenIDProvider(base: base, clientID: base.name, scopes: PortalService.scopes)
        sessions = Sessions(base: base, lifetime: config.lifetime)
        signIn = SignIn(base: base, provider: provider, seal: seal)
        tokens = AccessTokens(base: base, provider: provider, seal: seal)
        neighbours = Neighbours(
            profiles: ProfileResolutionClient(RemoteService(config.profileResolution, base: base)),
            mandates: MandateRegistryClient(RemoteService(config.mandateRegistry, base: base)),
            organisations: OrganisationRightsClient(RemoteService(config.organisationRights, base: base)))
        tabs = Tabs(base: base, neighbours: neighbours, seal: seal)
        today = base.today
    }

    /// A page for a signed-in person; anybody else is sent to sign in, or told why her session is over.
    func signedIn(
        _ body: @escaping @Sendable (Visit) async throws -> Response
    ) -> @Sendable (Request, AppContext) async throws -> Response {
        { request, context in
            switch try await sessions.find(cookie: site.cookie.value(in: request)) {
            case .none:
                return notSignedIn(request, context)
            case .ended(let end):
                return ended(end, request, context)
            case .signedIn(let stored):
                let visit = visit(stored, request, context)
                do {
                    return try await body(visit)
                } catch AccessTokens.Failure.sessionOver {
                    try await sessions.endRefused(stored)
                    return ended(.refreshRefused, request, context)
                } catch AccessTokens.Failure.unavailable {
                    throw Problem(.dependencyUnavailable, retryAfter: 2)
                } catch let error as RemoteError {
                    context.logger.info("A call was answered otherwise", metadata: ["error": "\(error)"])
                    throw Problem(error)
                }
            }
        }
    }

    private func visit(_ stored: StoredSession, _ request: Request, _ context: AppContext) -> Visit {
        Visit(
            request: request, context: context, session: stored,
            access: PersonAccess(session: stored, tokens: tokens, sessions: sessions, context: context),
            page: site.context(
                request, context, signedInAs: stored.person.name, signOutPath: PortalPaths.signOut),
            site: site)
    }

    private func notSignedIn(_ request: Request, _ context: AppContext) -> Response {
        guard request.method == .get else {
            return message("not-signed-in", status: .unauthorized, request, context)
        }
        let asked = SignInAttempt.returnPath(asked: request.uri.path)
        return .seeOther("\(PortalPaths.signIn)?return=\(asked)")
    }

    private func ended(_ end: SessionLifetime.End, _ request: Request, _ context: AppContext) -> Response {
        var response = message("ended.\(end.rawValue)", status: .unauthorized, request, context)
        site.cookie.clear(on: &response)
        return response
    }

    /// A page that says what happened, what was kept and what to do, with the way to sign in.
    func message(
        _ key: String, status: HTTPResponse.Status = .ok, _ request: Request, _ context: AppContext
    ) -> Response {
        var page = site.context(request, context)
        if request.method != .get { page.languageSwitch = PortalPaths.start }
        let renderer = site.renderer
        var model = PageHeading(
            renderer.text("\(key).title", [:], page.language),
            lead: renderer.text("\(key).happened", [:], page.language)
        ).model
        model["todo"] = renderer.text("\(key).todo", [:], page.language)
        model["buttons"] = [
            PageButton(renderer.text("sign-in.button", [:], page.language), href: PortalPaths.signIn, kind: .primary)
                .model
        ]
        return renderer.page("message", model, title: "\(key).title", context: page, status: status)
    }
}

/// One request of a signed-in person.
struct Visit: Sendable {
    let request: Request
    let context: AppContext
    let session: StoredSession
    let access: PersonAccess
    let page: PageContext
    let site: PageSite

    var language: Language { page.language }

    /// A text in the reader's language.
    func text(_ key: String, _ facts: [String: String] = [:]) -> String {
        site.renderer.text(key, facts, page.language)
    }

    /// A page in the reader's language.
    func render(
        _ template: String, _ model: [String: any Sendable], title: String, status: HTTPResponse.Status = .ok
    ) -> Response {
        var page = page
        // An answer to a form cannot be asked for again; the page of the form can.
        if request.method != .get { page.languageSwitch = request.uri.path }
        return site.renderer.page(template, model, title: title, context: page, status: status)
    }

    /// The reasons of a refusal in a box.
    func explanation(
        _ reasons: [Reason], title: String, tone: Explanation.Tone = .wrong, paragraphs: [String] = [],
        alert: Bool = false
    ) -> [String: any Sendable] {
        Explanation(
            title: text(title), tone: tone, paragraphs: paragraphs,
            reasons: site.renderer.texts(of: reasons, in: language), alert: alert
        ).model
    }

    /// The form of one of our pages, made for this session.
    func form() async throws -> FormData { try await site.form(request) }

    /// An id of the form; nothing when the field is absent or none.
    func identifier<Owner>(_ field: String, in form: FormData, of _: Owner.Type = Owner.self) -> Identifier<Owner>? {
        form[field].flatMap(Identifier<Owner>.init)
    }

    /// A query parameter.
    func query(_ name: String) -> String? {
        request.uri.queryParameters[Substring(name)].map(String.init)
    }
}
