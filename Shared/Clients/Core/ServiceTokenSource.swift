package import AsyncHTTPClient
package import ContractCore
import FoundationEssentials
package import Keys
import NIOCore
import NIOHTTP1
package import Vocabulary

/// Gets the access tokens that a service calls others with: `client_credentials` with `private_key_jwt`.
///
/// A token is for one scope, and so for the API that the scope opens. It is kept until 30 seconds before its end. Whoever asks while one is being fetched waits for that fetch.
package actor ServiceTokenSource {
    private struct Kept {
        let token: String
        let until: Instant
    }
    /// The client authentication, for other grants at the same token endpoint; nil without a client key.
    package nonisolated let signer: ClientAssertionSigner?
    private let issuer: String
    private let audiences: AudienceURIs
    private let httpClient: HTTPClient
    private let now: @Sendable () -> Instant
    private var kept: [String: Kept] = [:]
    private var fetching: [String: Task<Kept, any Error>] = [:]

    /// A source of tokens of `issuer`.
    ///
    /// Without a signer each request for a token fails, with a text that says why.
    package init(
        issuer: String, audiences: AudienceURIs = .standard, signer: ClientAssertionSigner?, httpClient: HTTPClient,
        now: @escaping @Sendable () -> Instant
    ) {
        self.issuer = issuer
        self.audiences = audiences
        self.signer = signer
        self.httpClient = httpClient
        self.now = now
    }

    /// A token with a scope, for the API that the scope opens.
    ///
    /// - Throws: A `ServiceTokenError`.
    package func token(scope wanted: String) async throws -> String {
        if let kept = kept[wanted], now() < kept.until { return kept.token }
        let task = fetching[wanted] ?? Task { try await self.fetch(wanted) }
        fetching[wanted] = task
        defer { if fetching[wanted] == task { fetching[wanted] = nil } }
        let fetched = try await task.value
        kept[wanted] = fetched
        return fetched.token
    }

    /// Lets go of a token that another service refused, so that the next call fetches one.
    package func forget(_ token: String) {
        kept = kept.filter { $0.value.token != token }
    }

    private func fetch(_ scope: String) async throws -> Kept {
        guard let signer else { throw ServiceTokenError.noClientKey }
        var fields = [
            ("grant_type", "client_credentials"), ("client_id", signer.clientID),
            ("client_assertion_type", ClientAssertionSigner.assertionType),
            ("client_assertion", try signer.assertion(audience: issuer)), ("scope", scope),
        ]
        if let api = Scope.audiences[scope] { fields.append(("resource", audiences[api])) }
        var request = HTTPClientRequest(url: issuer + "/token")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
        request.headers.add(name: "accept", value: "application/json")
        request.body = .bytes(ByteBuffer(string: FormEncoding.encode(fields)))
        let response: HTTPClientResponse
        let body: ByteBuffer
        do {
            response = try await httpClient.execute(request, timeout: .seconds(3))
            body = try await response.body.collect(upTo: 64 * 1024)
        } catch {
            throw ServiceTokenError.unreachable("\(type(of: error))")
        }
        guard response.status == .ok else {
            let answer = try? JSONDecoder().decode(Refusal.self, from: Data(body.readableBytesView))
            throw ServiceTokenError.refused(status: Int(response.status.code), error: answer?.error ?? "none given")
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(body.readableBytesView)) else {
            throw ServiceTokenError.unreachable("the answer is no token response")
        }
        let seconds = max(1, answer.expiresIn.saturatingSubtracting(30))
        return Kept(token: answer.accessToken, until: now().adding(.seconds(seconds)))
    }

    private struct Answer: Decodable {
        let accessToken: String
        let expiresIn: Int

        private enum CodingKeys: String, CodingKey {
            case accessToken = "access_token"
            case expiresIn = "expires_in"
        }
    }

    private struct Refusal: Decodable {
        let error: String
    }
}

/// Why there is no token to call another service with.
package enum ServiceTokenError: Error, Sendable, CustomStringConvertible {
    /// The configuration names no `clientKeyFile`.
    case noClientKey
    /// The issuer did not answer.
    case unreachable(String)
    /// The issuer refused, with its OAuth error code.
    case refused(status: Int, error: String)

    package var description: String {
        switch self {
        case .noClientKey: "no clientKeyFile is configured, so this service cannot obtain access tokens"
        case .unreachable(let what): "the token issuer cannot be reached (\(what))"
        case .refused(let status, let error): "the token issuer refused this client with status \(status): \(error)"
        }
    }
}
