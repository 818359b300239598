import AuthenticationDomain
import Hummingbird
import Pages
import Process
import Vocabulary
import Web

/// What the routes of this service share.
struct AuthenticationSite: Sendable {
    let essentials: Essentials
    let base: ServiceBase
    let pages: PageSite
    /// Ties forms to ``transactionCookieName``, as `pages` does; for a body that is read before it is known to be ours.
    let csrf: CSRF
    /// The cookie of a session.
    let sessionCookie: BrowserCookie
    let source: SourceAddress

    /// The cookie that holds runs of a browser, and to which its forms are tied.
    static let transactionCookieName = "toegang_authn_tx"
    static let sessionCookieName = "toegang_authn_session"

    init(essentials: Essentials, base: ServiceBase, pages: PageSite, csrf: CSRF, source: SourceAddress) {
        self.essentials = essentials
        self.base = base
        self.pages = pages
        self.csrf = csrf
        self.source = source
        sessionCookie = pages.otherCookie(Self.sessionCookieName)
    }

    /// What use cases know of a request.
    func facts(_ request: Request, _ context: AppContext) -> RequestFacts {
        RequestFacts(
            events: base.eventContext(context), requestID: context.requestID,
            source: source.address(of: request, context))
    }

    /// The address of the profile picker for an errand.
    func profilePicker(_ interaction: InteractionID) -> String {
        "\(essentials.profilePicker)/choose-profile?interaction=\(interaction)"
    }

    /// The query of a request; `nil` when a name occurs twice, or it cannot be read.
    func query(_ request: Request) -> FormData? {
        let text = request.uri.query ?? ""
        guard text.utf8.count <= 8192 else { return nil }
        return try? FormData(encoded: [UInt8](text.utf8))
    }

    /// A page that says what happened, why, and what to do.
    func explanation(
        _ key: String, _ facts: [String: String] = [:], tone: Explanation.Tone, request: Request,
        _ context: AppContext, status: HTTPResponse.Status, cookieValue: String? = nil
    ) -> Response {
        let page = pages.context(request, context, cookieValue: cookieValue)
        let text = { (part: String) in pages.renderer.text("\(key).\(part)", facts, page.language) }
        var model = PageHeading(text("title")).model
        model["explanation"] =
            Explanation(
                title: text("what"), tone: tone, paragraphs: [text("why"), text("todo")], alert: tone == .wrong
            ).model
        model["code"] = key
        return pages.renderer.page("explained", model, title: "\(key).title", context: page, status: status)
    }
}
