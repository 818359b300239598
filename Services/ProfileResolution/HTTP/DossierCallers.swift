import AuditTrail
import ContractCore
import Hummingbird
import Keys
import MandateRegistryContracts
import Process
import ProfileResolutionDomain
import Vocabulary
import Web

/// Finds out who asks for a dossier.
struct DossierCallers: Sendable {
    /// Asks the issuer of dossier contexts what a token is worth at this moment.
    typealias Introspect = @Sendable (_ token: String, AppContext) async throws -> DossierContextIntrospection

    let verifier: AccessTokenVerifier
    let acts: Acts
    let introspect: Introspect

    /// A signed-in person with an access token for this API.
    func person(_ request: Request, _ context: AppContext) async throws -> Requester {
        guard let token = request.bearerToken else { throw Problem.tokenMissing }
        return try await person(token, request, context)
    }

    /// A signed-in person, or a mandate holder with a dossier context.
    ///
    /// Access tokens have five parts with dots between them; the opaque tokens of dossier contexts have no dot.
    func personOrHolder(_ request: Request, _ context: AppContext) async throws -> Requester {
        guard let token = request.bearerToken else { throw Problem.tokenMissing }
        return token.contains(".")
            ? try await person(token, request, context) : try await holder(token, request, context)
    }

    private func person(_ token: String, _ request: Request, _ context: AppContext) async throws -> Requester {
        var context = context
        context.caller = try await verifier.verify(
            token, audience: .profileResolution, isCommand: !request.isRead)
        let person = try context.requirePerson(scope: Scope.dossier)
        return Requester(
            .person(person.personID, person.profile), through: person.clientID, acr: person.acr,
            on: acts.request(context))
    }

    private func holder(_ token: String, _ request: Request, _ context: AppContext) async throws -> Requester {
        guard token.utf8.count <= 256 else { throw Problem.tokenInvalid("The dossier context is malformed.") }
        let answer = try await introspect(token, context)
        guard answer.active, answer.aud == DossierContextToken.audience, let grantor = answer.sub,
            let actor = answer.act?.sub, let dossier = answer.dossierId, let mandate = answer.mandateId,
            let type = answer.mandateType, let tab = answer.tab, let client = answer.clientId
        else { throw Problem.tokenInvalid("The dossier context does not hold any more.") }
        let tabs = request.headers[values: .toegangTab]
        let hash = tabs.count == 1 ? Base64URL.encode(TokenHash.of(tabs[0])) : ""
        return Requester(
            .context(
                DossierContext(
                    actor: actor, grantor: grantor, dossierID: dossier, mandateID: mandate, mandateType: type,
                    organisationID: answer.organisationId, isOfThisTab: constantTimeEqual(hash.utf8, tab.utf8))),
            through: client, acr: answer.acr.flatMap(Acr.init(level:)),
            on: acts.request(context))
    }
}
