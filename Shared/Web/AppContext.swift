package import ContractCore
package import Hummingbird
import NIOCore
package import Vocabulary

/// What an operation knows of its request beside the request itself.
package struct AppContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The id under which the request is logged: the caller's `x-request-id` when well formed, otherwise ours.
    package var requestID = ""
    /// The trace of the request, with a span of this service.
    package var trace = TraceContext(high: 0, low: 1, span: 1, sampled: false)
    /// Who calls; nil outside the routes that `BearerAuthentication` guards.
    package var caller: Caller?
    /// The language that the browser or client prefers, Dutch when it names none of ours.
    package var language: Language = .nl
    /// Whether the request asks to read and to change nothing, so that one that is cut off has changed nothing.
    package var onlyReads = false
    /// The address of the peer, as the connection has it; nil when a test calls the router directly.
    package let remoteAddress: String?

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        remoteAddress = source.channel.remoteAddress?.ipAddress
    }

    /// 16 KiB, for what decodes a request without naming a limit of its own.
    package var maxUploadSize: Int { 16 * 1024 }
}

extension AppContext {
    /// The person who calls, when her token has the scope.
    ///
    /// Fails with 401 without a token, 403 `token.wrong-kind` for a service's token, and 403 `token.scope-missing`.
    package func requirePerson(scope: String) throws(Problem) -> PersonCaller {
        switch caller {
        case .person(let person):
            guard person.scopes.contains(scope) else { throw Problem.scopeMissing(scope) }
            return person
        case .service: throw Problem.wrongKind("This operation needs the access token of a signed-in person.")
        case nil: throw Problem.tokenMissing
        }
    }

    /// The service that calls, when its token has the scope.
    ///
    /// Fails with 401 without a token, 403 `token.wrong-kind` for a person's token, and 403 `token.scope-missing`.
    package func requireService(scope: String) throws(Problem) -> ServiceCaller {
        switch caller {
        case .service(let service):
            guard service.scopes.contains(scope) else { throw Problem.scopeMissing(scope) }
            return service
        case .person: throw Problem.wrongKind("This operation needs the access token of a service.")
        case nil: throw Problem.tokenMissing
        }
    }

    /// A path parameter read as an id; 404 when it is not one, since nothing exists under it.
    package func identifier<Owner>(_ name: String, of _: Owner.Type = Owner.self) throws(Problem) -> Identifier<Owner> {
        guard let text = parameters.get(name), let identifier = Identifier<Owner>(text) else {
            throw Problem(.notFound)
        }
        return identifier
    }
}

extension AppContext {
    /// This request as the origin of a call.
    package var origin: CallOrigin { CallOrigin(trace: trace, requestID: requestID) }
}
