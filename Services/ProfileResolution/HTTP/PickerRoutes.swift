import AuditTrail
import AuthenticationContracts
import ContractCore
import HTTPTypes
import Hummingbird
import Keys
import Pages
import Process
import ProfileResolutionDomain
import Vocabulary
import Web

/// The picker: `GET` and `POST /choose-profile`.
///
/// A browser comes with an interaction id, which is redeemed once over the back channel and bound to a cookie of ours;
/// each tab has its own.
struct PickerRoutes: Sendable {
    /// What authentication answers to whoever redeems an interaction, once.
    typealias Redeem = @Sendable (InteractionID, AppContext) async throws -> RedeemedInteraction
    /// Puts the choice back, and answers where the browser goes on.
    typealias PutChoice = @Sendable (InteractionID, InteractionChoice, AppContext) async throws -> InteractionResumption

    static let path = "/choose-profile"

    let site: PageSite
    let picker: PickProfile
    let redeem: Redeem
    let putChoice: PutChoice
    let acts: Acts
    let issuer: String
    let random: RandomBytes

    /// What the cookies of passages begin with; a browser has one for each.
    static let cookiePrefix = "toegang_profile_choice"
    /// How long a browser keeps one; authentication ends an interaction before that.
    private static let cookieLifetime: Duration = .seconds(3600)

    private var passages: TabCookies { site.tabCookies(Self.cookiePrefix, lifetime: Self.cookieLifetime) }

    func add(to router: some RouterMethods<AppContext>) {
        router.get(RouterPath(Self.path), use: show)
        router.post(RouterPath(Self.path), use: choose)
    }

    @Sendable
    private func show(_ request: Request, _ context: AppContext) async throws -> Response {
        let id = request.uri.queryParameters["interaction"].flatMap { InteractionID(String($0)) }
        return try await leadingBack(from: id, request, context) {
            guard let id else { throw Problem(.interactionUnknown) }
            let language = site.language(of: request)
            guard let cookie = passages.secret(of: id.description, in: request),
                let view = try await picker.view(cookie: cookie, language: language)
            else { return try await begin(id, request, context) }
            if let resumeURL = view.interaction.resumeURL { return Response.seeOther(resumeURL) }
            return page(PickerPage(view: view, language: language), cookie: cookie, request, context)
        }
    }

    /// Redeems an interaction for this browser, which asks again with the cookie that it gets.
    ///
    /// From then on the id in the address opens nothing to anybody else.
    private func begin(_ id: InteractionID, _ request: Request, _ context: AppContext) async throws -> Response {
        let redeemed = try await redeem(id, context)
        let cookie = random.token()
        let isCurrent = try await picker.begin(
            PickerInteraction(
                id: id, personID: redeemed.personId, sessionID: redeemed.sessionId, acr: redeemed.acr,
                clientName: redeemed.clientName, firstName: redeemed.firstName, lastName: redeemed.lastName,
                expiresAt: redeemed.expiresAt, redirectOrigin: redeemed.redirectOrigin,
                signOutURL: redeemed.signOutUrl, resumeURL: nil),
            cookie: cookie)
        guard isCurrent else { throw Problem(.interactionUnknown) }
        var response = Response.seeOther("\(Self.path)?interaction=\(id)")
        passages.set(cookie, of: id.description, at: acts.now(), in: request, on: &response)
        return response
    }

    @Sendable
    private func choose(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = try await FormData.read(request)
        let id = form[PickerForm.interactionField].flatMap { InteractionID($0) }
        return try await leadingBack(from: id, request, context) {
            let cookie = id.flatMap { passages.secret(of: $0.description, in: request) }
            try site.require(form, madeFor: cookie)
            guard let cookie else { throw Problem(.interactionUnknown) }
            let language = site.language(of: request)
            guard let selection = PickerForm(form).selection else {
                return try await showAgain(
                    request, context, cookie: cookie, language: language, problem: .unreadable)
            }
            let decision = try await picker.choose(
                selection, cookie: cookie, on: acts.request(context))
            if case .refused(let refusal) = decision, refusal.kind == .notAllowed {
                return try await showAgain(
                    request, context, cookie: cookie, language: language, selection: selection,
                    problem: .refused(refusal))
            }
            switch try decision.granted() {
            case .alreadyDone(let resumeURL): return Response.seeOther(resumeURL)
            case .chosen(let interaction, let granted):
                let choice = InteractionChoice(profile: granted.profile, bases: granted.bases.map(Self.basis))
                let resumption = try await putChoice(interaction.id, choice, context)
                try await picker.finish(interaction.id, resumeURL: resumption.resumeUrl)
                return Response.seeOther(resumption.resumeUrl)
            }
        }
    }

    /// Answers a form that names no profile or organisation of ours, or one that she may not take: the picker as it is
    /// now, with what was selected and what is wrong with it.
    private func showAgain(
        _ request: Request, _ context: AppContext, cookie: String, language: Language,
        selection: PickerSelection? = nil, problem: PickerPage.Problem
    ) async throws -> Response {
        guard let view = try await picker.view(cookie: cookie, language: language) else {
            throw Problem(.interactionUnknown)
        }
        return page(
            PickerPage(view: view, language: language, selection: selection, problem: problem), cookie: cookie,
            request, context)
    }

    private func page(
        _ page: PickerPage, cookie: String, _ request: Request, _ context: AppContext
    ) -> Response {
        // The form ends, by redirects, at authentication and then at the portal.
        let target = page.view.interaction.redirectOrigin
        return page.response(
            site, cancelURL: cancelURL(page.view.interaction.id),
            site.context(request, context, cookieValue: cookie, formTargets: [target]))
    }

    private func cancelURL(_ id: InteractionID) -> String {
        RedeemedInteraction.cancelUrl(issuer: issuer, interaction: id.description)
    }

    /// A page that says what went wrong has a way on: authentication knows which portal the passage came from.
    private func leadingBack(
        from id: InteractionID?, _ request: Request, _ context: AppContext, _ body: () async throws -> Response
    ) async throws -> Response {
        do {
            return try await body()
        } catch let error where request.headers[.accept]?.contains("text/html") == true {
            let problem = ErrorAnswer.problem(for: error, context: context)
            var page = site.context(request, context)
            page.homePath = id.map(cancelURL)
            var response = site.renderer.problem(problem.code, reasons: problem.reasons, context: page)
            if let seconds = problem.retryAfter { response.headers[.retryAfter] = String(seconds) }
            return response
        }
    }

    private static func basis(_ basis: ProfileBasis) -> TokenBasis {
        switch basis {
        case .dossier(let id, let version): TokenBasis(kind: .dossier, id: id.description, version: version)
        case .right(let id, let version): TokenBasis(kind: .right, id: id.description, version: version)
        }
    }
}
