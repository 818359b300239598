import AuditTrail
import AuthenticationDomain
import ContractCore
import Hummingbird
import Pages
import Process
import Vocabulary
import Web

/// What the routes of this service share.
struct AuthenticationSite: Sendable {
    /// The base address of this service, the issuer of its tokens.
    let issuer: String
    /// Where browsers go to choose a profile.
    let profilePicker: String
    let policy: SignInPolicy
    let hashes: KeyedHashes
    let base: ServiceBase
    let pages: PageSite
    /// The cookie of a session.
    var sessionCookie: BrowserCookie { pages.cookie }
    /// The cookie that tells browsers apart in which somebody signed in before.
    let deviceCookie: BrowserCookie
    /// The cookies by which a browser holds the runs of its tabs, one for each.
    let runs: TabCookies
    let source: SourceAddress

    /// What the cookies of runs begin with; each run's forms are tied to its own.
    static let transactionCookiePrefix = "toegang_authn_tx"
    /// The longest query that is read, in bytes; servers take no longer head.
    private static let longestQuery = 16 * 1024
    static let sessionCookieName = "toegang_authn_session"
    static let deviceCookieName = "toegang_authn_device"

    init(
        issuer: String, profilePicker: String, policy: SignInPolicy, hashes: KeyedHashes, base: ServiceBase,
        pages: PageSite, source: SourceAddress
    ) {
        self.issuer = issuer
        self.profilePicker = profilePicker
        self.policy = policy
        self.hashes = hashes
        self.base = base
        self.pages = pages
        self.source = source
        deviceCookie = pages.otherCookie(Self.deviceCookieName)
        runs = pages.tabCookies(Self.transactionCookiePrefix, lifetime: policy.transactionLifetime)
    }

    /// What is done in a request; by whom is known later.
    func act(_ request: Request, _ context: AppContext) -> ProgramAct {
        Act(
            by: ActingProgram(base.name),
            on: base.acts.request(context, source: address(of: request, context).map(hashes.network)))
    }

    /// The address of the browser; nil when it is not known.
    func address(of request: Request, _ context: AppContext) -> String? { source.address(of: request, context) }

    /// The secret by which this browser holds a run, when it does.
    func secret(of run: TransactionID?, in request: Request) -> String? {
        run.flatMap { runs.secret(of: $0.description, in: request) }
    }

    /// Gives the browser the secret of a run.
    func give(_ secret: String, of run: TransactionID, to request: Request, on response: inout Response) {
        runs.set(secret, of: run.description, at: base.now(), in: request, on: &response)
    }

    /// The link by which somebody starts anew at a portal (OpenID Connect Core section 4).
    func wayBack(to client: Client?, _ language: Language) -> [PageButton] {
        guard let client, let start = client.initiateLoginURI else { return [] }
        let address = start + (start.contains("?") ? "&" : "?") + FormEncoding.encode([("iss", issuer)])
        return [
            PageButton(
                pages.renderer.text("to-portal", ["portal": client.name], language), href: address, kind: .primary)
        ]
    }

    /// The page of a run that is unknown, another browser's or over.
    func over(_ client: Client?, _ request: Request, _ context: AppContext) -> Response {
        let language = pages.language(of: request)
        let name = client?.name ?? pages.renderer.text("sign-in.portal", [:], language)
        return explanation(
            "sign-in.over", ["portal": name], tone: .warn, buttons: wayBack(to: client, language), request: request,
            context, status: .gone)
    }

    /// The address of the profile picker for an errand.
    func profilePicker(_ interaction: InteractionID) -> String {
        "\(profilePicker)/choose-profile?interaction=\(interaction)"
    }

    /// The query of a request; `nil` when a name occurs twice that is not one of the repeatable, or it cannot be read.
    func query(_ request: Request, repeatable: Set<String> = []) -> FormData? {
        let text = request.uri.query ?? ""
        guard text.utf8.count <= Self.longestQuery else { return nil }
        return try? FormData(encoded: [UInt8](text.utf8), repeatable: repeatable)
    }

    /// A page that says what happened, why, and what to do.
    func explanation(
        _ key: String, _ facts: [String: String] = [:], tone: Explanation.Tone, buttons: [PageButton] = [],
        request: Request, _ context: AppContext, status: HTTPResponse.Status
    ) -> Response {
        let page = pages.context(request, context)
        let text = { (part: String) in pages.renderer.text("\(key).\(part)", facts, page.language) }
        var model = PageHeading(text("title")).model
        model["explanation"] =
            Explanation(
                title: text("what"), tone: tone, paragraphs: [text("why"), text("todo")], alert: tone == .wrong
            ).model
        model["code"] = key
        model["hasButtons"] = !buttons.isEmpty
        model["buttons"] = buttons.map(\.model)
        return pages.renderer.page("explained", model, title: "\(key).title", context: page, status: status)
    }
}
