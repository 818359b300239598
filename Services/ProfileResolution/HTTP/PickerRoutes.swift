import AuthenticationContracts
import ContractCore
import HTTPTypes
import Hummingbird
import Keys
import Pages
import ProfileResolutionDomain
import Vocabulary
import Web

/// The picker: `GET` and `POST /choose-profile`.
///
/// A browser comes with an interaction id once; it is redeemed over the back channel and bound to a cookie of ours, and
/// taken out of the address.
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
    let random: RandomBytes

    func add(to router: some RouterMethods<AppContext>) {
        router.get(RouterPath(Self.path), use: show)
        router.post(RouterPath(Self.path), use: choose)
    }

    @Sendable
    private func show(_ request: Request, _ context: AppContext) async throws -> Response {
        if let interaction = request.uri.queryParameters["interaction"] {
            return try await begin(String(interaction), request, context)
        }
        let language = site.language(of: request)
        guard let cookie = site.cookie.value(in: request),
            let view = try await picker.view(cookie: cookie, language: language)
        else { throw Problem(.interactionUnknown) }
        if let resumeURL = view.interaction.resumeURL { return Response.seeOther(resumeURL) }
        return PickerPage(view: view, language: language).response(site, site.context(request, context))
    }

    /// Redeems an interaction and sends the browser to the picker without it in the address.
    private func begin(_ text: String, _ request: Request, _ context: AppContext) async throws -> Response {
        guard let id = InteractionID(text) else { throw Problem(.interactionUnknown) }
        // The browser that redeemed it may ask again, by its back button or because an answer was lost.
        if let cookie = site.cookie.value(in: request), try await picker.find(cookie: cookie)?.id == id {
            return Response.seeOther(Self.path)
        }
        let redeemed = try await redeem(id, context)
        let cookie = random.token()
        let isCurrent = try await picker.begin(
            PickerInteraction(
                id: id, personID: redeemed.personId, sessionID: redeemed.sessionId, acr: redeemed.acr,
                clientName: redeemed.clientName, firstName: redeemed.firstName, lastName: redeemed.lastName,
                expiresAt: redeemed.expiresAt, resumeURL: nil),
            cookie: cookie)
        guard isCurrent else { throw Problem(.interactionUnknown) }
        var response = Response.seeOther(Self.path)
        site.cookie.set(cookie, on: &response)
        return response
    }

    @Sendable
    private func choose(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = try await site.form(request)
        let language = site.language(of: request)
        guard let cookie = site.cookie.value(in: request) else { throw Problem(.interactionUnknown) }
        guard let selection = PickerForm(form).selection else {
            return try await showAgain(request, context, cookie: cookie, language: language)
        }
        let outcome = try await picker.choose(
            selection, cookie: cookie, language: language, requestID: context.requestID)
        switch outcome {
        case nil: throw Problem(.interactionUnknown)
        case .alreadyDone(let resumeURL): return Response.seeOther(resumeURL)
        case .refused(let refusal, let view):
            return PickerPage(view: view, language: language, selection: selection, problem: .refused(refusal))
                .response(site, site.context(request, context))
        case .chosen(let interaction, let granted):
            let choice = InteractionChoice(profile: granted.profile, bases: granted.bases.map(Self.basis))
            let resumption = try await putChoice(interaction.id, choice, context)
            try await picker.finish(interaction.id, resumeURL: resumption.resumeUrl)
            return Response.seeOther(resumption.resumeUrl)
        }
    }

    /// Answers a form that names no profile or organisation of ours.
    private func showAgain(
        _ request: Request, _ context: AppContext, cookie: String, language: Language
    ) async throws -> Response {
        guard let view = try await picker.view(cookie: cookie, language: language) else {
            throw Problem(.interactionUnknown)
        }
        return PickerPage(view: view, language: language, problem: .unreadable)
            .response(site, site.context(request, context))
    }

    private static func basis(_ basis: ProfileBasis) -> TokenBasis {
        switch basis {
        case .dossier(let id, let version): TokenBasis(kind: .dossier, id: id.description, version: version)
        case .right(let id, let version): TokenBasis(kind: .right, id: id.description, version: version)
        }
    }
}
