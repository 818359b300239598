import AuthenticationDomain
import ContractCore
import HTTPTypes
import Hummingbird
import Pages
import Vocabulary
import Web

/// The pages on which a person signs in.
///
/// | route | who |
/// | --- | --- |
/// | GET, POST /sign-in | the browser that holds the run's cookie: the chooser of digital keys |
/// | GET, POST /sign-in/app-code | the same: user name, password and code of the mobile app |
struct SignInPages: Sendable {
    private let site: AuthenticationSite
    private static let formLimit = 4096

    init(_ site: AuthenticationSite) {
        self.site = site
    }

    func add(to router: Router<AppContext>) {
        router.get("/sign-in") { request, context in
            let id = site.query(request)?["transaction"]
            return try await withTransaction(id, request, context) { found, _ in
                chooser(found, refused: nil, request, context)
            }
        }
        router.post("/sign-in") { request, context in
            let form = try await site.pages.form(request, limit: Self.formLimit)
            return try await withTransaction(form["transaction"], request, context) { found, _ in
                choose(form, found, request, context)
            }
        }
        router.get("/sign-in/app-code") { request, context in
            let id = site.query(request)?["transaction"]
            return try await withTransaction(id, request, context) { found, _ in
                let minimum = found.transaction.request.minimumAcr
                guard site.essentials.policy.chooser.availability(of: .appCode, minimum: minimum) == .available else {
                    return .seeOther(address("/sign-in", found))
                }
                return appCode(found, userName: "", refusal: nil, request, context)
            }
        }
        router.post("/sign-in/app-code") { request, context in
            let form = try await site.pages.form(request, limit: Self.formLimit)
            return try await withTransaction(form["transaction"], request, context) { found, cookie in
                try await signIn(form, found, browserCookie: cookie, request, context)
            }
        }
    }

    private typealias Found = (transaction: SignInTransaction, client: Client)

    /// Answers with the run of this browser, or explains that there is none.
    private func withTransaction(
        _ id: String?, _ request: Request, _ context: AppContext,
        _ body: (Found, _ browserCookie: String) async throws -> Response
    ) async throws -> Response {
        let cookie = site.pages.cookie.value(in: request)
        let found = try await FindTransaction(site.essentials)(
            id.flatMap { TransactionID($0) }, browserCookie: cookie)
        guard let found, let cookie else {
            let portal = site.pages.renderer.text("sign-in.portal", [:], site.pages.language(of: request))
            return site.explanation(
                "sign-in.over", ["portal": portal], tone: .warn, request: request, context, status: .gone)
        }
        return try await body(found, cookie)
    }

    private func address(_ path: String, _ found: Found) -> String {
        "\(site.essentials.issuer)\(path)?transaction=\(found.transaction.id)"
    }

    // MARK: - The chooser

    private func choose(
        _ form: FormData, _ found: Found, _ request: Request, _ context: AppContext
    ) -> Response {
        guard let key = form["key"].flatMap({ DigitalKey(rawValue: $0) }) else {
            return chooser(found, refused: nil, request, context)
        }
        let minimum = found.transaction.request.minimumAcr
        let availability = site.essentials.policy.chooser.availability(of: key, minimum: minimum)
        guard availability == .available, key == .appCode else {
            return chooser(found, refused: key, request, context)
        }
        return .seeOther(address("/sign-in/app-code", found))
    }

    private func chooser(
        _ found: Found, refused: DigitalKey?, _ request: Request, _ context: AppContext
    ) -> Response {
        let page = site.pages.context(request, context)
        let minimum = found.transaction.request.minimumAcr
        let text = { (key: String, facts: [String: String]) in
            site.pages.renderer.text(key, facts, page.language)
        }
        var model = PageHeading(
            text("chooser.title", [:]), caption: found.client.name, lead: text("chooser.lead", [:])
        ).model
        model["transaction"] = found.transaction.id.description
        model["groups"] = site.essentials.policy.chooser.groups(minimum: minimum).map { group in
            [
                "id": group.group.rawValue, "title": text("chooser.group.\(group.group.rawValue)", [:]),
                "keys": group.entries.map { self.model(of: $0, text) },
            ] as [String: any Sendable]
        }
        guard let refused else {
            return site.pages.renderer.page("chooser", model, title: "chooser.title", context: page)
        }
        let availability = site.essentials.policy.chooser.availability(of: refused, minimum: minimum)
        model["errors"] =
            ErrorSummary([(reason(availability, text) ?? text("chooser.not-offered", [:]), nil)]).model
        return site.pages.renderer.page(
            "chooser", model, title: "chooser.title", context: page, status: .unprocessableContent)
    }

    private func model(
        of entry: KeyChooser.Entry, _ text: (String, [String: String]) -> String
    ) -> [String: any Sendable] {
        let key = entry.key.rawValue
        return [
            "key": key, "action": text("chooser.sign-in", [:]), "with": text("chooser.key.\(key)", [:]),
            "available": entry.availability == .available,
            "reason": reason(entry.availability, text).orAbsent,
            "itsme": entry.key == .itsme,
        ]
    }

    private func reason(
        _ availability: KeyAvailability, _ text: (String, [String: String]) -> String
    ) -> String? {
        switch availability {
        case .available: nil
        case .notOffered: text("chooser.not-offered", [:])
        case .tooWeak(let required): text("chooser.too-weak", ["level": String(required.level)])
        }
    }

    // MARK: - User name, password and code

    private func signIn(
        _ form: FormData, _ found: Found, browserCookie: String, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let attempt = SignInWithAppCode.Attempt(
            userName: form.trimmed("username"), password: form["password"] ?? "", code: form.trimmed("code"))
        let outcome: SignInWithAppCode.Outcome
        do {
            outcome = try await SignInWithAppCode(site.essentials)(
                attempt, transaction: found.transaction, browserCookie: browserCookie,
                sessionCookie: site.sessionCookie.value(in: request), facts: site.facts(request, context))
        } catch is PasswordHasherBusy {
            throw Problem(.unavailable, "Too many people sign in at this moment. Try again.", retryAfter: 1)
        }
        switch outcome {
        case .over:
            return site.explanation(
                "sign-in.over", ["portal": found.client.name], tone: .warn, request: request, context, status: .gone)
        case .refused(let refusal):
            return appCode(found, userName: attempt.userName, refusal: refusal, request, context)
        case .signedIn(let interaction, let sessionCookie, let browserCookie):
            var response = Response.seeOther(site.profilePicker(interaction))
            site.pages.cookie.set(browserCookie, on: &response)
            site.sessionCookie.set(sessionCookie, on: &response)
            return response
        }
    }

    private func appCode(
        _ found: Found, userName: String, refusal: Refusal?, _ request: Request, _ context: AppContext
    ) -> Response {
        let page = site.pages.context(request, context)
        let text = { (key: String) in site.pages.renderer.text(key, [:], page.language) }
        var model = PageHeading(
            text("app-code.title"), caption: found.client.name, lead: text("app-code.lead")
        ).model
        model["transaction"] = found.transaction.id.description
        model["username"] =
            FormField(
                name: "username", label: text("app-code.username"), value: userName, autocomplete: "username",
                maximumLength: UserName.maximumLength, width: .medium, required: true
            ).model
        model["password"] =
            FormField(
                name: "password", label: text("app-code.password"), type: "password",
                autocomplete: "current-password", maximumLength: 128, width: .medium, required: true
            ).model
        model["code"] =
            FormField(
                name: "code", label: text("app-code.code"), hint: text("app-code.code.hint"),
                autocomplete: "one-time-code", inputMode: "numeric", maximumLength: 7, width: .short, required: true
            ).model
        model["buttons"] = [
            PageButton(submit: text("app-code.submit")).model,
            PageButton(text("app-code.other-key"), href: address("/sign-in", found)).model,
        ]
        guard let refusal else {
            return site.pages.renderer.page("app-code", model, title: "app-code.title", context: page)
        }
        let reasons = refusal.reasons.map { site.pages.renderer.text(of: $0, in: page.language) }
        model["errors"] = ErrorSummary(reasons.map { ($0, "username") }).model
        model["refused"] = Explanation(title: text("app-code.refused"), paragraphs: [text("app-code.todo")]).model
        return site.pages.renderer.page(
            "app-code", model, title: "app-code.title", context: page, status: .unprocessableContent)
    }
}
