import Async
import AuthenticationClients
import AuthenticationContracts
import ContractCore
import FoundationEssentials
import Hummingbird
import Keys
import MandateRegistryContracts
import NIOCore
import Process
import Telemetry
import Vocabulary
import Web

/// What authentication-service and mandate-registry-service answer in these tests, over real HTTP.
///
/// They have tests of their own, and the system lane runs the real ones; here they answer what a test put in, so that
/// each of their answers can be had.
final class Neighbours: Sendable {
    struct State {
        var interactions: [InteractionID: RedeemedInteraction] = [:]
        var choices: [InteractionID: InteractionChoice] = [:]
        var contexts: [String: DossierContextIntrospection] = [:]
        var persons: [String: PersonID] = [:]
        /// What everybody is called, once somebody has told it.
        var lastName: String? = "Peeters"
        /// What the last name is once it was asked for.
        var nextLastName: String?
        /// Answers of the choice operation that fail before one succeeds.
        var failingChoices = 0
        var introspections = 0
    }

    let state = Guarded(State())

    var router: Router<AppContext> {
        let router = Router(context: AppContext.self)
        router.post("/token") { _, _ in
            try Response.json(TokenResponse(accessToken: "service-token", expiresIn: 300))
        }
        router.post("/interactions/{id}/redeem") { [self] _, context in
            let id: InteractionID = try context.identifier("id")
            guard let redeemed = state.withLock({ $0.interactions.removeValue(forKey: id) }) else {
                throw Problem(.interactionUnknown)
            }
            return try Response.json(redeemed)
        }
        router.put("/interactions/{id}/choice") { [self] request, context in
            let id: InteractionID = try context.identifier("id")
            let choice = try await request.decodeJSON(as: InteractionChoice.self, context: context)
            let fails = state.withLock { state in
                defer { state.failingChoices = max(0, state.failingChoices - 1) }
                if state.failingChoices == 0 { state.choices[id] = choice }
                return state.failingChoices > 0
            }
            guard !fails else { throw Problem(.unavailable) }
            return try Response.json(InteractionResumption(resumeUrl: "http://issuer.test/resume?interaction=\(id)"))
        }
        router.post("/persons/resolve") { [self] request, context in
            let body = try await request.decodeJSON(as: ResolvePersonsRequest.self, context: context)
            let persons = state.withLock { state in
                body.nationalNumbers.map { number in
                    let person = state.persons[number] ?? PersonID(UUID())
                    state.persons[number] = person
                    return ResolvePersonsResponse.Verdict(personId: person, problem: nil)
                }
            }
            return try Response.json(ResolvePersonsResponse(persons: persons))
        }
        router.post("/persons/names") { [self] request, context in
            let body = try await request.decodeJSON(as: PersonNamesRequest.self, context: context)
            let lastName = state.withLock { state in
                defer { state.lastName = state.nextLastName ?? state.lastName }
                return state.lastName
            }
            return try Response.json(
                PersonNamesResponse(
                    persons: body.personIds.compactMap { person in
                        lastName.map { .init(personId: person, firstName: nil, lastName: $0) }
                    }))
        }
        router.post("/introspect") { [self] request, _ in
            let body = String(decoding: try await request.readBody(limit: 4096), as: UTF8.self)
            let token = String(body.dropFirst("token=".count))
            let answer = state.withLock { state in
                state.introspections += 1
                return state.contexts[token]
            }
            return try Response.json(answer ?? .inactive)
        }
        return router
    }

    /// A new interaction of a person.
    func interaction(of person: PersonID, expiresAt: Instant) -> InteractionID {
        let id = InteractionID(UUID())
        let redeemed = RedeemedInteraction(
            personId: person, sessionId: SessionID(UUID()), acr: 400, language: .nl, clientName: "ProGezondheid",
            firstName: "An", lastName: "Peeters", expiresAt: expiresAt,
            redirectOrigin: "https://portal.test", signOutUrl: "https://issuer.test/end-session?client_id=portal")
        state.withLock { $0.interactions[id] = redeemed }
        return id
    }

    /// A new dossier context, which holds.
    func context(
        dossier: DossierID, grantor: PersonID, actor: PersonID, type: MandateType, tab: String
    ) -> String {
        let token = Base64URL.encode(RandomBytes.system(32))
        let answer = DossierContextIntrospection(
            sub: grantor, actor: actor, clientID: "portal", expiresAt: systemClock().adding(.seconds(300)),
            dossierId: dossier,
            mandateId: MandateID(UUID()), mandateType: type, organisationId: nil,
            actions: DossierAction.allCases.filter(type.covers), tab: Base64URL.encode(TokenHash.of(tab)), acr: 400)
        state.withLock { $0.contexts[token] = answer }
        return token
    }
}
