import AuditTrail
import AuthenticationClients
import Clients
import ContractCore
import HTTPTypes
import Hummingbird
import Keys
import Logging
import MandateRegistryClients
import OrganisationRightsClients
import Pages
import PortalDomain
import Postgres
import Process
import ProfileResolutionClients
import ProfileResolutionContracts
import Vocabulary
import Web

/// What all pages of the portal work with.
struct PortalPages: Sendable {
    let site: PageSite
    let sessions: Sessions
    let provider: OpenIDProvider
    let signIn: SignIn
    let tokens: AccessTokens
    let neighbours: Neighbours
    let tabs: Tabs
    let drafts: Drafts
    let formSeal: FormSeal
    let acts: Acts
    let random: RandomBytes
    let today: @Sendable () -> LocalDate
    private let source: SourceAddress
    /// Hashes networks for the audit record.
    private let sourceKey: HMACKey

    init(_ config: PortalConfiguration, _ base: ServiceBase) throws {
        let renderer = try PageRenderer(
            templates: PortalTemplates.templates, texts: PortalTemplates.texts, product: config.product,
            serviceCenter: config.serviceCenter, civil: base.civil)
        site = PageSite(
            renderer: renderer, cookie: "toegang_portal", csrfKey: config.formKey, baseURL: base.baseURL,
            homePath: PortalPaths.start, formTargets: [base.issuer])
        let seal = PortalSeal(config.sealingKey)
        formSeal = FormSeal(config.sealingKey)
        (acts, random) = (base.acts, base.random)
        let (database, logger) = (base.database, base.logger)
        provider = OpenIDProvider(
            client: AuthenticationClient(RemoteService(base.issuer, base: base)), issuer: base.issuer,
            portal: base.baseURL, verifier: base.verifier, now: base.now, clientID: base.name,
            scopes: PortalService.scopes, apis: PortalService.apis)
        sessions = Sessions(database: database, acts: acts, lifetime: config.lifetime, logger: logger)
        signIn = SignIn(
            database: database, acts: acts, random: random, provider: provider, seal: seal,
            attempts: AttemptSeal(key: config.formKey), repeated: RepeatedForms(key: config.formKey), logger: logger)
        tokens = AccessTokens(database: database, now: base.now, provider: provider, seal: seal, logger: logger)
        neighbours = Neighbours(
            profiles: ProfileResolutionClient(RemoteService(config.profileResolution, base: base)),
            mandates: MandateRegistryClient(RemoteService(config.mandateRegistry, base: base)),
            organisations: OrganisationRightsClient(RemoteService(config.organisationRights, base: base)))
        tabs = Tabs(
            database: database, now: base.now, random: random, neighbours: neighbours, seal: seal, logger: logger)
        drafts = Drafts(database: database, now: base.now, seal: formSeal, logger: logger)
        today = base.today
        (source, sourceKey) = (SourceAddress(trustedProxies: config.trustedProxies, logger: logger), config.formKey)
    }

    /// The occasion of a browser's request that is recorded: with the network that it came from.
    func occasion(_ request: Request, _ context: AppContext) -> Occasion {
        acts.request(context, source: source.address(of: request, context).map(sourceKey.network))
    }

    /// A page for a signed-in person; anybody else is sent to sign in, or told why her session is over.
    func signedIn(
        _ body: @escaping @Sendable (Visit) async throws -> Response
    ) -> @Sendable (Request, AppContext) async throws -> Response {
        { request, context in
            switch try await sessions.find(cookie: site.cookie.value(in: request)) {
            case .none:
                return notSignedIn(request, context)
            case .ended(let stored, let end):
                let kept = await keepWhatWasSent(request, by: stored)
                return ended(end, kept: kept, request, context)
            case .signedIn(let stored):
                var visit = visit(stored, request, context)
                do {
                    try await nameOrganisation(&visit)
                    return try await body(visit)
                } catch let kept as KeptDraft {
                    return try await answer(kept.cause, visit, kept: true)
                } catch {
                    return try await answer(error, visit, kept: false)
                }
            }
        }
    }

    /// What a signed-in person reads when her request failed.
    private func answer(_ error: any Error, _ visit: Visit, kept: Bool) async throws -> Response {
        let problem: any Error
        switch error {
        case AccessTokens.Failure.sessionOver:
            try await sessions.endRefused(visit.session)
            return ended(.refreshRefused, kept: kept, visit.request, visit.context)
        case AccessTokens.Failure.unavailable: problem = Problem(.dependencyUnavailable, retryAfter: 2)
        case let error as RemoteError:
            visit.context.logger.info("A call was answered otherwise", metadata: ["error": "\(error)"])
            problem = Problem(error)
        default: problem = error
        }
        guard kept else { throw problem }
        let answer = ErrorAnswer.problem(for: problem, context: visit.context)
        return site.problem(
            answer, page: visit.page, context: visit.context,
            kept: answer.code == .outcomeUnknown ? "draft.kept-uncertain" : "draft.kept")
    }

    /// Who reads a problem page, for requests that no page of ours answers as well.
    func reader(_ request: Request, _ context: AppContext) async -> PageContext {
        let cookie = site.cookie.value(in: request)
        guard let found = try? await sessions.find(cookie: cookie), case .signedIn(let stored) = found else {
            return page(request, context)
        }
        return visit(stored, request, context).page
    }

    private func visit(_ stored: StoredSession, _ request: Request, _ context: AppContext) -> Visit {
        Visit(
            request: request, context: context, session: stored,
            access: PersonAccess(session: stored, tokens: tokens, sessions: sessions, context: context),
            page: page(request, context, of: stored), site: site)
    }

    /// A page outside a session, or one of a signed-in person with the ways that she has from everywhere.
    private func page(_ request: Request, _ context: AppContext, of stored: StoredSession? = nil) -> PageContext {
        var page = site.context(
            request, context, signedInAs: stored?.person.name, signOutPath: stored.map { _ in PortalPaths.signOut })
        let text = { (key: String) in site.renderer.text(key, [:], page.language) }
        if let back = PortalPaths.wayBack(from: request.uri.path) {
            page.wayBack = PageLink(text("back.\(PortalPaths.wayBackName(back))"), href: back)
        }
        // An answer to a form cannot be asked for again; the page of the form can.
        if request.method != .get {
            page.languageSwitch = page.wayBack?.href ?? (stored == nil ? PortalPaths.start : PortalPaths.welcome)
        }
        guard let stored else { return page }
        page.workingAs = stored.person.profile.name(
            in: page.language, organisation: stored.organisationName, text: text)
        page.changeProfilePath = PortalPaths.changeProfile
        page.navigation = [
            PageLink(text("place.start"), href: PortalPaths.welcome),
            PageLink(text("place.mandates"), href: PortalPaths.mandates),
            PageLink(text("place.organisations"), href: PortalPaths.organisations),
        ]
        page.asOf = today().written
        return page
    }

    /// Asks once in a session what the organisation is called within which the person acts.
    ///
    /// While nobody knows, the page says "an organisation" and nothing else is refused for it.
    private func nameOrganisation(_ visit: inout Visit) async throws {
        guard case .organisation = visit.session.person.profile, visit.session.organisationName == nil else { return }
        do {
            let list = try await profiles(of: visit)
            let profile = visit.session.person.profile
            guard let name = list.first(where: { $0.profile == profile })?.name["nl"] else { return }
            try await sessions.name(organisation: name, of: visit.session)
            visit.page.workingAs = name
        } catch let error as RemoteError {
            visit.context.logger.info("The organisation's name is not known", metadata: ["error": "\(error)"])
        }
    }

    /// All profiles of the person, those that she cannot take included: the way on is decided over all of them.
    func profiles(of visit: Visit) async throws -> [ProfileList.Entry] {
        var all: [ProfileList.Entry] = []
        var after: OrganisationID?
        for _ in 0..<Self.mostPages {
            let page = try await neighbours.profiles.myProfiles(
                after: after, token: try await visit.access.token(for: .profileResolution),
                origin: visit.access.origin(for: .profileResolution))
            all += page.profiles
            after = page.next
            if after == nil { break }
        }
        return all
    }

    /// Nobody acts within more than 10,000 organisations; a list that never ends must not hold a request.
    private static let mostPages = 50
}

// MARK: - Nobody is signed in

extension PortalPages {
    private func notSignedIn(_ request: Request, _ context: AppContext) -> Response {
        guard request.method == .get else {
            return message(
                "not-signed-in", status: .unauthorized, returning: PortalPaths.wayBack(from: request.uri.path),
                request, context)
        }
        return .seeOther(PortalPaths.signIn(returning: request.uri.path))
    }

    /// The page of somebody whose session is over.
    ///
    /// Her cookie stays, so that the next sign-in of this browser knows how the session ended.
    private func ended(
        _ end: SessionLifetime.End, kept: Bool, _ request: Request, _ context: AppContext
    ) -> Response {
        let path = request.method == .get ? request.uri.path : PortalPaths.wayBack(from: request.uri.path)
        let what = request.method == .get ? nil : kept ? "ended.kept" : "ended.not-kept"
        return message("ended.\(end.rawValue)", status: .unauthorized, returning: path, what: what, request, context)
    }

    /// Keeps the form that somebody sent after her session was over, when it was made in that session.
    private func keepWhatWasSent(_ request: Request, by stored: StoredSession) async -> Bool {
        guard request.method == .post, let form = try? await site.form(request),
            let place = DraftForm(path: request.uri.path, dossier: form["dossier"])
        else { return false }
        let draft =
            switch place {
            case .contact: form["version"].flatMap(Int64.init).flatMap { ContactForm(form).draft(version: $0) }
            case .right: RightForm(form).draft
            }
        return await drafts.keep(draft, of: place, for: stored.person)
    }

    /// A page that says what happened, what was kept and what to do, with the way to sign in.
    ///
    /// - Parameters:
    ///   - path: where the person is brought after the sign-in.
    ///   - what: the key of a further sentence.
    func message(
        _ key: String, status: HTTPResponse.Status = .ok, returning path: String? = nil, what: String? = nil,
        _ request: Request, _ context: AppContext
    ) -> Response {
        var page = site.context(request, context)
        if request.method != .get { page.languageSwitch = PortalPaths.start }
        let renderer = site.renderer
        let text = { (key: String) in renderer.text(key, [:], page.language) }
        var model = PageHeading(text("\(key).title"), lead: text("\(key).happened")).model
        model["what"] = what.map(text).orAbsent
        model["todo"] = text("\(key).todo")
        model["buttons"] = [
            PageButton(text("sign-in.button"), href: PortalPaths.signIn(returning: path), kind: .primary).model
        ]
        return renderer.page("message", model, title: "\(key).title", context: page, status: status)
    }
}

/// Something went wrong after what was typed had been kept.
struct KeptDraft: Error {
    let cause: any Error
}
