import AuthenticationDomain
import ContractCore
import Hummingbird
import Keys
import Pages
import Vocabulary
import Web

/// Where a person signs out everywhere (OpenID Connect RP-Initiated Logout).
///
/// | route | who |
/// | --- | --- |
/// | GET /end-session | any browser; ends at once only what an ID token of ours proves, otherwise asks |
/// | POST /end-session | a portal's form with an ID token, or our own page's form |
struct EndSessionPages: Sendable {
    let site: AuthenticationSite
    let signOut: SignOut
    private static let formLimit = 16 * 1024

    func add(to router: Router<AppContext>) {
        router.get("/end-session") { request, context in
            guard let query = site.query(request) else { return done(nil, request, context) }
            return try await handle(wish(query), request, context)
        }
        router.post("/end-session") { request, context in
            let form = try await FormData.read(request, limit: Self.formLimit)
            guard form[CSRF.field] == nil else { return try await confirmed(request, context, form) }
            // A form of another site comes without this browser's cookies; the redirect to the same by GET has them.
            guard site.sessionCookie.value(in: request) == nil else {
                return try await handle(wish(form), request, context)
            }
            return .seeOther("\(site.issuer)/end-session?" + FormEncoding.encode(wish(form).parameters))
        }
    }

    private func wish(_ form: FormData) -> SignOutRequest {
        SignOutRequest(
            idTokenHint: form["id_token_hint"], clientID: form["client_id"],
            postLogoutRedirectURI: form["post_logout_redirect_uri"], state: form["state"])
    }

    private func handle(
        _ wish: SignOutRequest, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        switch try await signOut.plan(wish, sessionCookie: site.sessionCookie.value(in: request)) {
        case .end(let session):
            try await signOut(session, client: wish.clientID, act: site.act(request, context))
            return leave(wish, request, context)
        case .nothing:
            return leave(wish, request, context)
        case .ask(let name):
            return ask(wish, name, request, context)
        }
    }

    /// The person pressed the button of our page.
    private func confirmed(
        _ request: Request, _ context: AppContext, _ form: FormData
    ) async throws -> Response {
        // Without a session there is nothing to end, as when the button was pressed twice.
        if let cookie = site.sessionCookie.value(in: request) {
            try site.pages.require(form, madeFor: cookie)
            try await signOut(sessionCookie: cookie, act: site.act(request, context))
        }
        return leave(wish(form), request, context)
    }

    private func leave(_ wish: SignOutRequest, _ request: Request, _ context: AppContext) -> Response {
        guard let destination = signOut.destination(wish) else {
            return done(signOut.client(of: wish), request, context)
        }
        var response = Response.seeOther(destination)
        site.sessionCookie.clear(on: &response)
        return response
    }

    private func done(_ client: Client?, _ request: Request, _ context: AppContext) -> Response {
        var response = site.explanation(
            "signed-out", tone: .right, buttons: site.wayBack(to: client, site.pages.language(of: request)),
            request: request, context, status: .ok)
        site.sessionCookie.clear(on: &response)
        return response
    }

    private func ask(
        _ wish: SignOutRequest, _ name: PersonName?, _ request: Request, _ context: AppContext
    ) -> Response {
        let target = signOut.destination(wish).flatMap(origin)
        let person = name.map { PersonNames.joined($0.firstName, $0.lastName) }
        let page = site.pages.context(
            request, context, signedInAs: person, formTargets: [target].compactMap(\.self))
        let text = { (key: String) in site.pages.renderer.text(key, [:], page.language) }
        var model = PageHeading(text("end-session.title"), lead: text("end-session.lead")).model
        model["clientId"] = wish.clientID.orAbsent
        model["redirectUri"] = wish.postLogoutRedirectURI.orAbsent
        model["state"] = wish.state.orAbsent
        let back = site.wayBack(to: signOut.client(of: wish), page.language)
        model["buttons"] = ([PageButton(submit: text("end-session.submit"), kind: .danger)] + back).map(\.model)
        return site.pages.renderer.page("end-session", model, title: "end-session.title", context: page)
    }
}
