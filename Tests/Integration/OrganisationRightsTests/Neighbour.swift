import Async
import AuthenticationClients
import AuthenticationContracts
import ContractCore
import FoundationEssentials
import Hummingbird
import Logging
import ServiceLifecycle
import TestTokens
import Vocabulary
import Web

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Stands where authentication-service would: gives out service tokens and person ids, over HTTP.
struct Neighbour: Sendable {
    let issuer: TestIssuer
    let persons: PersonBook

    /// Runs a body beside a neighbour on a port of its own.
    static func with<R: Sendable>(_ body: @Sendable (Neighbour) async throws -> R) async throws -> R {
        let (ports, found) = AsyncStream<Int>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let persons = PersonBook()
        let key = TestIssuer().key
        let router = Router(context: AppContext.self)
        let address = Guarded("")
        router.post("token") { _, _ in
            let issuer = TestIssuer(issuer: address.withLock { $0 }, key: key)
            let token = try issuer.serviceToken(
                OrganisationRightsName.client, for: .authentication,
                scopes: [Scope.resolvePersons, Scope.personNames])
            return try Response.json(TokenResponse(accessToken: token, expiresIn: 300))
        }
        router.post("persons/resolve") { request, context in
            let issuer = TestIssuer(issuer: address.withLock { $0 }, key: key)
            guard let token = request.bearerToken,
                case .service(let caller) = try await issuer.verifier().verify(token, audience: .authentication),
                caller.scopes.contains(Scope.resolvePersons)
            else { throw Problem(.tokenInvalid) }
            let body = try await request.decodeJSON(as: ResolvePersonsRequest.self, context: context)
            return try Response.json(ResolvePersonsResponse(persons: persons.resolve(body.nationalNumbers)))
        }
        router.post("persons/names") { request, context in
            let body = try await request.decodeJSON(as: PersonNamesRequest.self, context: context)
            guard persons.tellsNames.withLock(\.self) else { throw Problem(.unavailable) }
            return try Response.json(persons.names(of: body.personIds))
        }
        let application = Application(
            responder: router.buildResponder(), configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in found.yield(channel.localAddress?.port ?? 0) }, logger: quiet)
        let services = ServiceGroup(configuration: .init(services: [.init(service: application)], logger: quiet))
        let running = Task { try await services.run() }
        var iterator = ports.makeAsyncIterator()
        let url = "http://127.0.0.1:\(await iterator.next() ?? 0)"
        address.withLock { $0 = url }
        let result: Result<R, any Error>
        do {
            result = .success(try await body(Neighbour(issuer: TestIssuer(issuer: url, key: key), persons: persons)))
        } catch {
            result = .failure(error)
        }
        await services.triggerGracefulShutdown()
        try await running.value
        return try result.get()
    }
}

/// Person ids by number, as authentication-service keeps them.
final class PersonBook: Sendable {
    private let ids = Guarded<[String: PersonID]>([:])
    private let count = Guarded(0)

    /// How many numbers were asked for.
    var questions: Int { count.withLock { $0 } }

    /// Whether names can be asked for.
    let tellsNames = Guarded(true)

    /// What persons are called.
    let called = Guarded<[PersonID: (first: String?, last: String)]>([:])

    func names(of persons: [PersonID]) -> PersonNamesResponse {
        called.withLock { known in
            PersonNamesResponse(
                persons: persons.compactMap { person in
                    known[person].map { .init(personId: person, firstName: $0.first, lastName: $0.last) }
                })
        }
    }

    /// The person of a number; always the same.
    func id(_ number: String) -> PersonID {
        ids.withLock { ids in
            if let known = ids[number] { return known }
            let fresh = PersonID(UUID())
            ids[number] = fresh
            return fresh
        }
    }

    func resolve(_ numbers: [String]) -> [ResolvePersonsResponse.Verdict] {
        count.withLock { $0 += numbers.count }
        return numbers.map { ResolvePersonsResponse.Verdict(personId: id($0), problem: nil) }
    }
}

enum OrganisationRightsName {
    static let client = "organisation-rights"
}
