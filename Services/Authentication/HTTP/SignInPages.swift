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
/// | GET /sign-in/cancel | the same, from any page of the sign-in or the picker: back to the portal, without effect |
struct SignInPages: Sendable {
    let site: AuthenticationSite
    let find: FindTransaction
    let signIn: SignInWithAppCode
    let signOut: SignOut
    let repeated: RepeatedForms
    /// The longest form, in bytes: the longest name of a run, and what somebody types beside it.
    private static let formLimit = TransactionName.maximumLength + 4096

    func add(to router: Router<AppContext>) {
        router.get("/sign-in") { request, context in
            let id = site.query(request)?["transaction"]
            return try await withTransaction(id, request, context) { found in
                try await chooser(found, refused: nil, request, context)
            }
        }
        router.post("/sign-in") { request, context in
            let form = try await FormData.read(request, limit: Self.formLimit)
            return try await withTransaction(form["transaction"], request, context) { found in
                try site.pages.require(form, madeFor: found.secret)
                return try await choose(form, found, request, context)
            }
        }
        router.get("/sign-in/app-code") { request, context in
            let id = site.query(request)?["transaction"]
            return try await withTransaction(id, request, context) { found in
                let minimum = found.transaction.request.minimumAcr
                guard site.policy.chooser.availability(of: .appCode, minimum: minimum) == .available else {
                    return .seeOther(address("/sign-in", found))
                }
                return appCode(found, userName: "", notice: nil, request, context)
            }
        }
        router.post("/sign-in/app-code") { request, context in
            let form = try await FormData.read(request, limit: Self.formLimit)
            let attempt = attempt(form)
            if let again = try await again(form, attempt, request, context) { return again }
            let answer = try await withTransaction(form["transaction"], request, context) { found in
                try site.pages.require(form, madeFor: found.secret)
                return try await judge(attempt, found, request, context)
            }
            if answer.status == .seeOther { return answer }
            // The first click of two may have been answered while this one was looked at.
            return try await again(form, attempt, request, context) ?? answer
        }
        router.get("/sign-in/cancel") { request, context in try await cancel(request, context) }
    }

    /// A run with its name and portal, and the secret by which this browser holds it and its forms are tied to it.
    private typealias Found = (
        name: TransactionName, transaction: SignInTransaction, client: Client, secret: String
    )

    /// Answers with the run of this browser, or explains that there is none.
    private func withTransaction(
        _ text: String?, _ request: Request, _ context: AppContext,
        _ body: (Found) async throws -> Response
    ) async throws -> Response {
        guard let name = text.flatMap({ TransactionName($0) }) else { return site.over(nil, request, context) }
        let secret = site.secret(of: name.id, in: request)
        switch try await find(name, browserCookie: secret) {
        case .over(let client):
            return site.over(client, request, context)
        case .open(let transaction, let client):
            guard let secret else { return site.over(client, request, context) }
            return try await body((name, transaction, client, secret))
        }
    }

    /// A link and no form: it changes nothing, so it may be followed twice, and by whatever follows links.
    private func cancel(_ request: Request, _ context: AppContext) async throws -> Response {
        let query = site.query(request)
        var id = query?["transaction"]
        if let interaction = query?["interaction"].flatMap({ InteractionID($0) }) {
            id = try await find.transaction(of: interaction)?.description
        }
        return try await withTransaction(id, request, context) { found in
            accessDenied(found.transaction, "the person went back", site)
        }
    }

    private func address(_ path: String, _ found: Found) -> String {
        "\(site.issuer)\(path)?transaction=\(found.name)"
    }

    // MARK: - The chooser

    private func choose(
        _ form: FormData, _ found: Found, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        guard let key = form["key"].flatMap({ DigitalKey(rawValue: $0) }) else {
            return try await chooser(found, refused: nil, request, context)
        }
        let minimum = found.transaction.request.minimumAcr
        let availability = site.policy.chooser.availability(of: key, minimum: minimum)
        guard availability == .available, key == .appCode else {
            return try await chooser(found, refused: key, request, context)
        }
        return .seeOther(address("/sign-in/app-code", found))
    }

    private func chooser(
        _ found: Found, refused: DigitalKey?, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let page = site.pages.context(request, context, cookieValue: found.secret)
        let minimum = found.transaction.request.minimumAcr
        let text = { (key: String, facts: [String: String]) in
            site.pages.renderer.text(key, facts, page.language)
        }
        var model = PageHeading(
            text("chooser.title", [:]), caption: found.client.name, lead: text("chooser.lead", [:])
        ).model
        model["transaction"] = found.name.description
        let person = try await signOut.person(sessionCookie: site.sessionCookie.value(in: request))
        model["signedIn"] =
            person.map {
                text("sign-in.signed-in", ["name": PersonNames.joined($0.firstName, $0.lastName)])
            }.orAbsent
        model["signOut"] = "/end-session?" + FormEncoding.encode([("client_id", found.client.id)])
        model["buttons"] = [cancelButton(found, page).model]
        model["groups"] = site.policy.chooser.groups(minimum: minimum).map { group in
            [
                "id": group.group.rawValue, "title": text("chooser.group.\(group.group.rawValue)", [:]),
                "keys": group.entries.map { self.model(of: $0, text) },
            ] as [String: any Sendable]
        }
        let why = refused.map { key -> String in
            let availability = site.policy.chooser.availability(of: key, minimum: minimum)
            return reason(availability, text) ?? text("chooser.not-offered", [:])
        }
        let errors = why.flatMap { message in ErrorSummary([(message, nil)]) }
        model["errors"] = errors.orAbsent
        return site.pages.renderer.page(
            "chooser", model, title: "chooser.title", context: page,
            status: why == nil ? .ok : .unprocessableContent)
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

    private func attempt(_ form: FormData) -> SignInWithAppCode.Attempt {
        let fields = [CSRF.field, "transaction", "username", "password", "code"]
        return SignInWithAppCode.Attempt(
            userName: form.trimmed("username"), password: form["password"] ?? "", code: form.trimmed("code"),
            digest: repeated.digest(fields.map { form[$0] ?? "" }))
    }

    /// The answer to a second click; `nil` for a form that did not sign this browser in a moment ago.
    private func again(
        _ form: FormData, _ attempt: SignInWithAppCode.Attempt, _ request: Request, _ context: AppContext
    ) async throws -> Response? {
        guard let id = form["transaction"].flatMap({ TransactionName($0)?.id }),
            let secret = site.secret(of: id, in: request)
        else { return nil }
        let signedIn = try await signIn.again(
            id, attempt, from: browser(secret, request, context), act: site.act(request, context))
        return signedIn.map { answer($0, id, request) }
    }

    private func browser(
        _ secret: String, _ request: Request, _ context: AppContext
    ) -> SignInWithAppCode.Browser {
        .init(
            run: secret, session: site.sessionCookie.value(in: request), device: site.deviceCookie.value(in: request),
            address: site.address(of: request, context))
    }

    private func answer(
        _ signedIn: SignInWithAppCode.SignedIn, _ transaction: TransactionID, _ request: Request
    ) -> Response {
        var response = Response.seeOther(site.profilePicker(signedIn.interaction))
        site.give(signedIn.browserCookie, of: transaction, to: request, on: &response)
        site.sessionCookie.set(signedIn.sessionCookie, on: &response)
        let memory = site.policy.appCodeThrottle.browserMemory
        site.deviceCookie.set(signedIn.deviceCookie, maxAge: Int(memory / .seconds(1)), on: &response)
        return response
    }

    private func judge(
        _ attempt: SignInWithAppCode.Attempt, _ found: Found, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let flaws = AppCodeForm(userName: attempt.userName, password: attempt.password, code: attempt.code).flaws
        guard flaws.isEmpty else {
            return appCode(found, userName: attempt.userName, notice: .flaws(flaws), request, context)
        }
        let outcome: SignInWithAppCode.Outcome
        do {
            outcome = try await signIn(
                attempt, transaction: found.transaction, from: browser(found.secret, request, context),
                act: site.act(request, context))
        } catch is PasswordHasherBusy {
            return appCode(found, userName: attempt.userName, notice: .busy, request, context)
        }
        switch outcome {
        case .over:
            return site.over(found.client, request, context)
        case .otherPerson:
            return otherPerson(found, request, context)
        case .refused(let refusal):
            return appCode(found, userName: attempt.userName, notice: .refused(refusal), request, context)
        case .wait(let refusal, let seconds):
            return appCode(
                found, userName: attempt.userName, notice: .wait(refusal, seconds: seconds), request, context)
        case .signedIn(let signedIn):
            return answer(signedIn, found.transaction.id, request)
        }
    }

    /// Why the form is shown again.
    private enum Notice {
        /// The form cannot be judged as it is.
        case flaws([(field: AppCodeForm.Field, flaw: AppCodeForm.Flaw)])
        case refused(Refusal)
        case wait(Refusal, seconds: Int)
        case busy

        /// The text that says what to do, where the fields do not say it.
        var todo: String? {
            switch self {
            case .flaws: nil
            case .refused(let refusal) where refusal.codes == [.accountDisabled]: "app-code.disabled.todo"
            case .refused: "app-code.todo"
            case .wait(let refusal, _) where refusal.codes == [.signInRightButWait]: "app-code.right-but-wait.todo"
            case .wait: "app-code.wait.todo"
            case .busy: "app-code.busy.todo"
            }
        }

        var status: HTTPResponse.Status {
            switch self {
            case .flaws, .refused: .unprocessableContent
            case .wait: .tooManyRequests
            case .busy: .serviceUnavailable
            }
        }

        var retryAfter: Int? {
            switch self {
            case .flaws, .refused: nil
            case .wait(_, let seconds): seconds
            case .busy: 1
            }
        }
    }

    /// She is who she says, and the portal asked for somebody else: nobody is signed in.
    private func otherPerson(_ found: Found, _ request: Request, _ context: AppContext) -> Response {
        let page = site.pages.context(request, context)
        let again = site.pages.renderer.text("sign-in.other-person.again", [:], page.language)
        return site.explanation(
            "sign-in.other-person", ["portal": found.client.name], tone: .wrong,
            buttons: [PageButton(again, href: address("/sign-in", found), kind: .primary), cancelButton(found, page)],
            request: request, context, status: .forbidden)
    }

    private func cancelButton(_ found: Found, _ page: PageContext) -> PageButton {
        PageButton(
            site.pages.renderer.text("sign-in.cancel", ["portal": found.client.name], page.language),
            href: address("/sign-in/cancel", found))
    }

    private func appCode(
        _ found: Found, userName: String, notice: Notice?, _ request: Request, _ context: AppContext
    ) -> Response {
        let page = site.pages.context(
            request, context, cookieValue: found.secret,
            formTargets: [origin(of: site.profilePicker)].compactMap(\.self))
        let text = { (key: String) in site.pages.renderer.text(key, [:], page.language) }
        var errors: [AppCodeForm.Field: String] = [:]
        if case .flaws(let flaws) = notice {
            for (field, flaw) in flaws { errors[field] = text("app-code.\(field.rawValue)-\(flaw.rawValue)") }
        }
        var model = PageHeading(
            text("app-code.title"), caption: found.client.name, lead: text("app-code.lead")
        ).model
        model["transaction"] = found.name.description
        model["username"] =
            FormField(
                name: "username", label: text("app-code.username"), value: userName, error: errors[.username],
                autocomplete: "username",
                maximumLength: UserName.maximumLength, width: .medium, required: true
            ).model
        model["password"] =
            FormField(
                name: "password", label: text("app-code.password"), error: errors[.password], type: "password",
                autocomplete: "current-password", maximumLength: 128, width: .medium, required: true
            ).model
        model["code"] =
            FormField(
                name: "code", label: text("app-code.code"), hint: text("app-code.code.hint"), error: errors[.code],
                autocomplete: "one-time-code", inputMode: "numeric", maximumLength: 16, width: .short, required: true
            ).model
        model["buttons"] = [
            PageButton(submit: text("app-code.submit")).model,
            PageButton(text("app-code.other-key"), href: address("/sign-in", found)).model,
            cancelButton(found, page).model,
        ]
        let what: [(String, String?)] =
            switch notice {
            case nil: []
            case .flaws: AppCodeForm.Field.allCases.compactMap { field in errors[field].map { ($0, field.rawValue) } }
            case .refused(let refusal), .wait(let refusal, _):
                refusal.reasons.map { (site.pages.renderer.text(of: $0, in: page.language), "username") }
            case .busy: [(text("app-code.busy"), "username")]
            }
        model["errors"] = ErrorSummary(what).orAbsent
        let todo = notice?.todo
        model["refused"] =
            todo.map { Explanation(title: text("app-code.refused"), paragraphs: [text($0)]) }.orAbsent
        var response = site.pages.renderer.page(
            "app-code", model, title: "app-code.title", context: page, status: notice?.status ?? .ok)
        if let seconds = notice?.retryAfter { response.headers[.retryAfter] = String(seconds) }
        return response
    }
}
