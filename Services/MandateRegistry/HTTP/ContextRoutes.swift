package import AuditTrail
import ContractCore
import FoundationEssentials
import HTTPTypes
package import Hummingbird
import Keys
import MandateRegistryContracts
import MandateRegistryDomain
import NIOCore
import Process
import Tokens
import Vocabulary
package import Web

/// Dossier contexts: handed out by token exchange (RFC 8693), and introspected (RFC 7662).
///
/// | operation | caller | scope |
/// | --- | --- | --- |
/// | `POST /token` | service: the portal in which the person of `subject_token` is signed in | `dossier-context` |
/// | `POST /introspect` | service: whoever is shown a context | `introspect` |
///
/// Refusals are problem documents with reasons; those of the exchange carry the `error` of OAuth beside them.
package struct ContextRoutes: Sendable {
    private let acts: Acts
    private let verifier: AccessTokenVerifier
    private let open: OpenDossierContext
    private let introspect: IntrospectDossierContext

    package init(
        acts: Acts, verifier: AccessTokenVerifier, open: OpenDossierContext, introspect: IntrospectDossierContext
    ) {
        self.acts = acts
        self.verifier = verifier
        self.open = open
        self.introspect = introspect
    }

    /// Adds the operations.
    package func add(to group: RouterGroup<AppContext>) {
        group.post("/token") { request, context in
            do {
                return try await exchange(request, context)
            } catch let problem as Problem where problem.status.code < 500 {
                return try ExchangeRefusal(problem, instance: context.requestID).response()
            }
        }
        group.post("/introspect", use: look)
    }

    @Sendable private func exchange(_ request: Request, _ context: AppContext) async throws -> Response {
        let client = try context.requireService(scope: Scope.dossierContext)
        let asked = try ExchangeRequest(try await FormData.read(request), tab: request.headers[.toegangTab])
        let person = try await subject(asked.subjectToken, of: client)
        let wish = OpenDossierContext.Wish(
            dossier: asked.dossier, tab: asked.tab, session: person.sessionID, ends: person.ends)
        let opened = try await open(wish, acts.of(person, context))
            .granted(orTelling: "The dossier cannot be opened. Nothing was handed out.")
        return try Response.json(
            DossierContextToken(
                accessToken: opened.token.text, expiresIn: Int(opened.expiresIn.components.seconds),
                dossierId: opened.context.dossier, mandateId: opened.context.mandate,
                mandateType: opened.context.mandateType))
    }

    @Sendable private func look(_ request: Request, _ context: AppContext) async throws -> Response {
        _ = try context.requireService(scope: Scope.introspect)
        guard let token = try await FormData.read(request, limit: 4096)["token"] else {
            throw Problem(.malformedRequest, "The field \"token\" is missing.")
        }
        let now = acts.now()
        guard let active = try await introspect(token, at: now, on: acts.civil.day(at: now)) else {
            return try Response.json(DossierContextIntrospection.inactive)
        }
        let context = active.context
        return try Response.json(
            DossierContextIntrospection(
                sub: context.grantor, actor: context.person, clientID: context.client, expiresAt: active.expiresAt,
                dossierId: context.dossier, mandateId: context.mandate, mandateType: context.mandateType,
                organisationId: context.organisation, actions: active.actions, tab: context.tab, acr: context.acr))
    }

    /// The person for whom a context is wanted: her token must be meant for this API and of the very client that asks.
    private func subject(_ token: String, of client: ServiceCaller) async throws(Problem) -> PersonCaller {
        let caller = try await verifier.verify(token, audience: .mandateRegistry, isCommand: true)
        guard case .person(let person) = caller else {
            throw Problem(.tokenWrongKind, "subject_token must be the access token of a signed-in person.")
        }
        guard person.clientID == client.clientID else {
            throw Problem(.tokenWrongKind, "subject_token was given to another client.")
        }
        guard person.scopes.contains(Scope.mandates) else { throw Problem.scopeMissing(Scope.mandates) }
        return person
    }
}

/// A refusal of the exchange: the problem document with its reasons, and beside it what clients of OAuth read
/// (RFC 6749 section 5.2, RFC 8693 section 2.2.2).
private struct ExchangeRefusal: Encodable {
    private enum CodingKeys: String, CodingKey {
        case error
        case description = "error_description"
    }

    private let problem: Problem
    private let instance: String

    init(_ problem: Problem, instance: String) {
        self.problem = problem
        self.instance = instance
    }

    func encode(to encoder: any Encoder) throws {
        let document = problem.document(instance: instance)
        try document.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(error, forKey: .error)
        try container.encode(document.detail ?? document.title, forKey: .description)
    }

    private var error: String {
        switch problem.code {
        case .refused: "invalid_target"
        case .scopeMissing: "invalid_scope"
        default: "invalid_request"
        }
    }

    /// The answer with the headers of the problem.
    func response() throws -> Response {
        var headers = try problem.response(instance: instance).headers
        headers[.contentLength] = nil
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = ResponseBody(byteBuffer: ByteBuffer(bytes: try encoder.encode(self)))
        return Response(status: problem.status, headers: headers, body: body)
    }
}

/// The fields of a token exchange.
private struct ExchangeRequest {
    let subjectToken: String
    let dossier: DossierID
    /// SHA-256 of the tab's handle, base64url: the handle itself is the browser's and is not kept.
    let tab: String

    init(_ form: FormData, tab handle: String?) throws(Problem) {
        guard form["grant_type"] == DossierContextToken.grantType else {
            throw Problem.invalidField("grant_type", "must be \(DossierContextToken.grantType).")
        }
        guard form["subject_token_type"] == DossierContextToken.accessTokenType else {
            throw Problem.invalidField("subject_token_type", "must be \(DossierContextToken.accessTokenType).")
        }
        let wanted = form["requested_token_type"] ?? DossierContextToken.issuedTokenType
        guard wanted == DossierContextToken.issuedTokenType else {
            throw Problem.invalidField("requested_token_type", "must be \(DossierContextToken.issuedTokenType).")
        }
        guard (form["audience"] ?? DossierContextToken.audience) == DossierContextToken.audience else {
            throw Problem.invalidField("audience", "must be \(DossierContextToken.audience).")
        }
        guard let subjectToken = form["subject_token"], !subjectToken.isEmpty else {
            throw Problem(.malformedRequest, "The field \"subject_token\" is missing.")
        }
        let prefix = DossierContextToken.resourcePrefix
        guard let resource = form["resource"], resource.hasPrefix(prefix),
            let dossier = DossierID(String(resource.dropFirst(prefix.count)))
        else { throw Problem.invalidField("resource", "must be \(prefix) followed by the id of a dossier.") }
        guard let handle, (16...128).contains(handle.utf8.count) else {
            throw Problem.invalidField(ToegangHeader.tab, "must be the handle of the tab, 16 to 128 characters.")
        }
        self.subjectToken = subjectToken
        self.dossier = dossier
        tab = Base64URL.encode(TokenHash.of(handle))
    }
}
