package import AsyncHTTPClient
package import ContractCore
package import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import Vocabulary

/// An answer of another service together with where its write stands in its events.
package struct Written<Value: Sendable>: Sendable {
    /// The answer.
    package let value: Value
    /// The `Toegang-Position` of the write; send it back as `CallOrigin.after` to read what was written.
    package let position: String?

    /// An answer from its parts.
    package init(value: Value, position: String?) {
        self.value = value
        self.position = position
    }
}

/// Calls one service: deadline, tokens, trace and problems, in one place for all clients.
package struct RemoteService: Sendable {
    /// The base address, without a slash at its end.
    package let baseURL: String
    private let httpClient: HTTPClient
    /// Where this service gets its own tokens, and what signs for it at the token endpoint.
    package let tokens: ServiceTokenSource
    private let deadline: Duration
    /// The largest answer that is read, in bytes.
    private static let largestAnswer = 1 << 20

    /// A service at an address.
    package init(
        baseURL: String, httpClient: HTTPClient, tokens: ServiceTokenSource, deadline: Duration = .seconds(3)
    ) {
        self.baseURL = baseURL
        self.httpClient = httpClient
        self.tokens = tokens
        self.deadline = deadline
    }

    /// With which token a call is made.
    package enum Credential: Sendable {
        /// A token of this service's own, with a scope.
        case service(scope: String)
        /// A token that somebody else got: a person's, or a dossier context.
        case bearer(String)
        /// None; the body authenticates the client.
        case none
    }

    /// The methods that our services have.
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
    }

    /// What a call carries.
    package enum Body: Sendable {
        case json(any Encodable & Sendable)
        case form([(String, String)])
    }

    /// One call.
    package struct Call: Sendable {
        let method: Method
        let path: String
        let credential: Credential
        let body: Body?
        let headers: [(String, String)]
        let isRead: Bool

        /// - Parameters:
        ///   - method: How it is asked.
        ///   - path: Below the base address, with a slash at its beginning.
        ///   - credential: With which token.
        ///   - body: What goes along.
        ///   - headers: Beside those of every call.
        ///   - isRead: Whether the call changes nothing, so that it may be sent a second time.
        package init(
            method: Method = .get, path: String, credential: Credential, body: Body? = nil,
            headers: [(String, String)] = [], isRead: Bool = true
        ) {
            self.method = method
            self.path = path
            self.credential = credential
            self.body = body
            self.headers = headers
            self.isRead = isRead
        }
    }

    /// The answer's body read as JSON.
    package func json<Value: Decodable & Sendable>(
        _ call: Call, origin: CallOrigin, as type: Value.Type = Value.self
    ) async throws(RemoteError) -> Written<Value> {
        let answer = try await send(call, origin: origin)
        do {
            let value = try JSONDecoder().decode(type, from: answer.body)
            return Written(value: value, position: answer.position)
        } catch {
            // The service says that it was done, and not what: whoever is told otherwise would do it again.
            throw call.isRead ? .notUnderstood("the body is no \(type)") : .outcomeUnknown("the body is no \(type)")
        }
    }

    /// Sends a call; a read is sent once more when the service was away, and any call once more with a new token when
    /// ours was refused, since what is refused was not done.
    @discardableResult
    package func send(_ call: Call, origin: CallOrigin) async throws(RemoteError) -> Answer {
        let end = ContinuousClock.now + deadline
        do {
            return try await attempt(call, origin: origin, until: end)
        } catch {
            switch error.cause {
            case .tokenRefused(let token):
                await tokens.forget(token)
            case .away where call.isRead && ContinuousClock.now < end: break
            default: throw error.error
            }
        }
        do {
            return try await attempt(call, origin: origin, until: end)
        } catch {
            throw error.error
        }
    }

    /// What came back.
    package struct Answer: Sendable {
        /// The bytes of the body.
        package let body: Data
        /// The `Toegang-Position` of a write.
        package let position: String?
    }

    private struct AttemptError: Error {
        enum Cause {
            case away, tokenRefused(String), answered
        }
        let error: RemoteError
        let cause: Cause
    }

    private func attempt(
        _ call: Call, origin: CallOrigin, until end: ContinuousClock.Instant
    ) async throws(AttemptError) -> Answer {
        var ownToken: String?
        if case .service(let scope) = call.credential { ownToken = try await token(scope: scope) }
        let request = try request(call, origin: origin, ownToken: ownToken)
        let response: HTTPClientResponse
        let body: Data
        do {
            let left = max(.milliseconds(1), end - ContinuousClock.now)
            response = try await httpClient.execute(request, timeout: left.timeAmount)
            body = Data(try await response.body.collect(upTo: Self.largestAnswer).readableBytesView)
        } catch {
            let what = "\(type(of: error))"
            let isKnown = call.isRead || Self.wasNotSent(error)
            throw AttemptError(error: isKnown ? .unavailable(what) : .outcomeUnknown(what), cause: .away)
        }
        guard (200..<300).contains(response.status.code) else {
            let problem = Self.problem(response, body)
            if let ownToken, problem.status == 401 {
                throw AttemptError(error: .problem(problem), cause: .tokenRefused(ownToken))
            }
            // What stands between us may have lost the answer to a write, and a service that failed may have failed
            // behind its commit; with 503 it says that nothing was done, or that it does not know either.
            if !call.isRead, problem.status >= 500, problem.status != 503 {
                throw AttemptError(error: .outcomeUnknown("\(problem)"), cause: .answered)
            }
            // What lasts for a while is not asked again at once.
            let lasts = [ProblemCode.notCaughtUp, .restoring].map(\.rawValue).contains(problem.code)
            let away = [502, 503, 504].contains(problem.status) && !lasts
            throw AttemptError(error: .problem(problem), cause: away ? .away : .answered)
        }
        return Answer(body: body, position: response.headers.first(name: ToegangHeader.position))
    }

    /// Whether a request cannot have reached the service: there was no connection to send it on.
    private static func wasNotSent(_ error: any Error) -> Bool {
        if let error = error as? HTTPClientError {
            return error == .connectTimeout || error == .getConnectionFromPoolTimeout || error == .alreadyShutdown
        }
        return error is NIOConnectionError || (error as? IOError)?.errnoCode == ECONNREFUSED
    }

    private func token(scope: String) async throws(AttemptError) -> String {
        do {
            return try await tokens.token(scope: scope)
        } catch {
            throw AttemptError(error: .unavailable("\(error)"), cause: .answered)
        }
    }

    private func request(
        _ call: Call, origin: CallOrigin, ownToken: String?
    ) throws(AttemptError) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: baseURL + call.path)
        request.method = HTTPMethod(rawValue: call.method.rawValue)
        request.headers.add(name: "accept", value: "application/json")
        request.headers.add(name: "traceparent", value: origin.trace.header)
        request.headers.add(name: "x-request-id", value: origin.requestID)
        if let after = origin.after { request.headers.add(name: ToegangHeader.after, value: after) }
        for (name, value) in call.headers { request.headers.add(name: name, value: value) }
        switch call.credential {
        case .service: if let ownToken { request.headers.add(name: "authorization", value: "Bearer \(ownToken)") }
        case .bearer(let token): request.headers.add(name: "authorization", value: "Bearer \(token)")
        case .none: break
        }
        switch call.body {
        case .json(let value):
            guard let bytes = try? JSONEncoder().encode(value) else {
                throw AttemptError(error: .notUnderstood("the request is no JSON"), cause: .answered)
            }
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: bytes))
        case .form(let fields):
            request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: FormEncoding.encode(fields)))
        case nil: break
        }
        return request
    }

    private static func problem(_ response: HTTPClientResponse, _ body: Data) -> RemoteProblem {
        let status = Int(response.status.code)
        let retryAfter = response.headers.first(name: "retry-after").flatMap(Int.init)
        if let document = try? JSONDecoder().decode(ProblemDocument.self, from: body) {
            return RemoteProblem(
                code: document.code, status: status, detail: document.detail, reasons: document.reasons ?? [],
                retryAfter: retryAfter)
        }
        let oauth = try? JSONDecoder().decode(OAuthError.self, from: body)
        return RemoteProblem(
            code: oauth?.error ?? "", status: status, detail: oauth?.description, retryAfter: retryAfter)
    }

    private struct OAuthError: Decodable {
        let error: String
        let description: String?

        private enum CodingKeys: String, CodingKey {
            case error
            case description = "error_description"
        }
    }
}

extension Duration {
    fileprivate var timeAmount: TimeAmount {
        .nanoseconds(components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000)
    }
}
