import HTTPTypes
import Hummingbird
import Pages
import PortalDomain
import Vocabulary
import Web

/// One request of a signed-in person.
struct Visit: Sendable {
    let request: Request
    let context: AppContext
    let session: StoredSession
    let access: PersonAccess
    var page: PageContext
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
        site.renderer.page(template, model, title: title, context: page, status: status)
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

    /// What a profile of hers is called.
    func name(of profile: ProfileChoice, organisation: String?) -> String {
        profile.name(in: language, organisation: organisation) { text($0) }
    }
}

extension PortalPages {
    /// Keeps what was typed for as long as it is not saved; what goes wrong then goes on as ``KeptDraft``.
    func keeping(
        _ draft: Draft?, as form: DraftForm, _ visit: Visit, _ body: () async throws -> Response
    ) async throws -> Response {
        let kept = await drafts.keep(draft, of: form, for: visit.session.person)
        do {
            return try await body()
        } catch {
            guard kept else { throw error }
            throw KeptDraft(cause: error)
        }
    }
}

extension ProfileChoice {
    /// What the profile is called in a language.
    ///
    /// - Parameters:
    ///   - organisation: the name of the organisation, when it is known.
    ///   - text: the texts of the portal in that language.
    func name(in language: Language, organisation: String?, text: (String) -> String) -> String {
        switch self {
        case .citizen: text("profile.citizen")
        case .profession(let profession): profession.name[language]
        case .organisation: organisation ?? text("profile.organisation")
        }
    }
}
