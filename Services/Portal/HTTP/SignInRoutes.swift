import AuditTrail
import ContractCore
import HTTPTypes
import Hummingbird
import Keys
import Logging
import Pages
import PortalDomain
import Process
import Vocabulary
import Web

/// The start page, the way to the identity provider and back, and the way out.
///
/// | route | who |
/// | --- | --- |
/// | `GET /`, `GET /sign-in`, `GET /sign-in/callback`, `GET /signed-out` | anybody |
/// | `POST /sign-out` | a signed-in person |
struct SignInRoutes: Sendable {
    let portal: PortalPages
    /// What browsers carry that were sent to the identity provider, one for each tab.
    private let attempts: TabCookies

    init(portal: PortalPages) {
        self.portal = portal
        attempts = portal.site.tabCookies("toegang_portal_sign_in", lifetime: SignInAttempt.lifetime)
    }

    func add(to router: Router<AppContext>) {
        router.getAndHead(RouterPath(PortalPaths.start), use: start)
        router.get(RouterPath(PortalPaths.signIn), use: begin)
        router.get(RouterPath(PortalPaths.callback), use: complete)
        router.getAndHead(RouterPath(PortalPaths.signedOut)) { request, context in
            portal.message("signed-out", request, context)
        }
        router.post(RouterPath(PortalPaths.signOut), use: portal.signedIn(signOut))
    }

    @Sendable private func start(_ request: Request, _ context: AppContext) async throws -> Response {
        if case .signedIn = try await portal.sessions.find(cookie: portal.site.cookie.value(in: request)) {
            return .seeOther(PortalPaths.welcome)
        }
        let page = portal.site.context(request, context)
        let renderer = portal.site.renderer
        return renderer.page(
            "start", ["signIn": PortalPaths.signIn], title: "start.title", context: page)
    }

    @Sendable private func begin(_ request: Request, _ context: AppContext) async throws -> Response {
        let found = try await portal.sessions.find(cookie: portal.site.cookie.value(in: request))
        let asksAgain = if case .ended(_, let end) = found { end.asksAgain } else { false }
        do {
            // New each time: what was in the browser before is not taken over.
            let (address, state, carried) = try await portal.signIn.begin(
                asked: request.uri.queryParameters["return"].map(String.init), asksAgain: asksAgain,
                language: portal.site.language(of: request), on: portal.occasion(request, context))
            var response = Response.seeOther(address)
            attempts.set(carried, of: state, at: portal.acts.now(), in: request, on: &response)
            return response
        } catch let error as ProviderError {
            context.logger.warning("A sign-in could not begin", metadata: ["error": "\(error)"])
            return portal.message(
                "sign-in.refused.\(SignInRefusal.providerUnavailable.rawValue)", status: .serviceUnavailable, request,
                context)
        }
    }

    @Sendable private func complete(_ request: Request, _ context: AppContext) async throws -> Response {
        var parameters: [String: String] = [:]
        for (name, value) in request.uri.queryParameters {
            guard parameters.updateValue(String(value), forKey: String(name)) == nil else {
                throw Problem(.malformedRequest)
            }
        }
        let outcome = try await portal.signIn.complete(
            parameters, carried: parameters["state"].flatMap { attempts.secret(of: $0, in: request) },
            previous: portal.site.cookie.value(in: request), on: portal.occasion(request, context))
        switch outcome {
        case .success(let completed):
            var response = Response.seeOther(completed.returnPath)
            portal.site.cookie.set(completed.cookie, on: &response)
            return response
        case .failure(let refusal):
            return portal.message(
                "sign-in.refused.\(refusal.rawValue)", status: Self.status(refusal), request, context)
        }
    }

    private static func status(_ refusal: SignInRefusal) -> HTTPResponse.Status {
        switch refusal {
        case .providerUnavailable: .serviceUnavailable
        case .brokenOff: .ok
        case .unknownState, .expired, .otherIssuer, .noCode, .codeRefused, .invalidIdentity: .badRequest
        }
    }

    @Sendable private func signOut(_ visit: Visit) async throws -> Response {
        _ = try await visit.form()
        let idToken = try portal.tokens.identityToken(visit.session)
        try await portal.sessions.signOut(visit.session, on: portal.occasion(visit.request, visit.context))
        var target = PortalPaths.signedOut
        do {
            if let idToken,
                let address = try await portal.provider.endSessionAddress(
                    idToken: idToken, origin: visit.context.origin)
            {
                target = address
            }
        } catch {
            // The portal's session is over all the same; the page says that the provider was not told.
            visit.context.logger.warning("The provider could not be asked to sign out", metadata: ["error": "\(error)"])
            var response = portal.message("signed-out-here", visit.request, visit.context)
            portal.site.cookie.clear(on: &response)
            return response
        }
        var response = Response.seeOther(target)
        portal.site.cookie.clear(on: &response)
        return response
    }
}

/// Where the identity provider says that a session is over (OpenID Connect Back-Channel Logout).
///
/// | route | who |
/// | --- | --- |
/// | `POST /back-channel-logout` | the identity provider, by a signed logout token |
struct BackChannelRoutes: Sendable {
    let logout: BackChannelLogout
    let acts: Acts

    func add(to router: Router<AppContext>) {
        router.post(RouterPath(PortalPaths.backChannelLogout)) { request, context in
            let form = try await FormData.read(request)
            guard let token = form["logout_token"] else {
                return try Self.refused("invalid_request", "logout_token is missing")
            }
            let outcome: BackChannelLogout.Outcome
            do {
                outcome = try await logout(logoutToken: token, on: acts.request(context))
            } catch let error as ProviderError {
                context.logger.warning("A logout token could not be checked", metadata: ["error": "\(error)"])
                throw Problem(.dependencyUnavailable, retryAfter: 2)
            }
            context.logger.info("Back-channel logout", metadata: ["outcome": "\(outcome)"])
            switch outcome {
            case .ended: return .empty(.ok)
            case .refused(let flaw):
                return try Self.refused("invalid_request", "the claim \(flaw.rawValue) does not hold")
            case .replayed: return try Self.refused("invalid_request", "the token was used before")
            case .invalid: return try Self.refused("invalid_request", "the token does not hold")
            }
        }
    }

    private struct Refusal: Encodable {
        let error: String
        let description: String

        private enum CodingKeys: String, CodingKey {
            case error
            case description = "error_description"
        }
    }

    private static func refused(_ error: String, _ description: String) throws -> Response {
        try .json(Refusal(error: error, description: description), status: .badRequest)
    }
}
