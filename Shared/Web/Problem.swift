package import ContractCore
import FoundationEssentials
import HTTPTypes
package import Hummingbird
import NIOCore
package import Vocabulary

/// An answer that is not what the caller asked for: `application/problem+json` (RFC 9457) with a stable code.
///
/// `detail` is for the person who reads it and never holds a personal number, a token or a code.
package struct Problem: Error, HTTPResponseError {
    /// Which problem; it fixes status and title.
    package let code: ProblemCode
    /// What happened this time, what was kept, and what to do.
    package let detail: String?
    /// Why a decision went against the caller, most important first.
    package let reasons: [Reason]
    /// Seconds after which trying again makes sense.
    package let retryAfter: Int?
    /// What a client must do to authenticate; sent as `WWW-Authenticate` with a 401 or 403.
    package let challenge: String?

    /// A problem with its explanation.
    package init(
        _ code: ProblemCode, _ detail: String? = nil, reasons: [Reason] = [], retryAfter: Int? = nil,
        challenge: String? = nil
    ) {
        self.code = code
        self.detail = detail
        self.reasons = reasons
        self.retryAfter = retryAfter
        self.challenge = challenge
    }

    /// The HTTP status of the code.
    package var status: HTTPResponse.Status { HTTPResponse.Status(code: code.status) }

    /// The body as callers see it.
    package func document(instance: String?) -> ProblemDocument {
        ProblemDocument(code: code, detail: detail, instance: instance, reasons: reasons)
    }

    package func response(from request: Request, context: some RequestContext) throws -> Response {
        try response(instance: (context as? AppContext)?.requestID)
    }

    /// The response, naming the request id under which the service's log tells more.
    package func response(instance: String?) throws -> Response {
        var headers: HTTPFields = [
            .contentType: "application/problem+json; charset=utf-8", .cacheControl: "no-store",
        ]
        if let retryAfter { headers[.retryAfter] = String(retryAfter) }
        if let challenge { headers[.wwwAuthenticate] = challenge }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = try encoder.encode(document(instance: instance))
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}

extension Problem {
    /// 401: the request came without an access token.
    package static let tokenMissing = Problem(
        .tokenMissing, "Send an access token in the Authorization header.", challenge: "Bearer")

    /// 401: the token does not hold; `why` names the class of defect and nothing of the token.
    package static func tokenInvalid(_ why: String) -> Problem {
        Problem(.tokenInvalid, why, challenge: "Bearer error=\"invalid_token\"")
    }

    /// 403: the token holds and does not allow this.
    package static func scopeMissing(_ scope: String) -> Problem {
        Problem(
            .scopeMissing, "The access token lacks the scope \"\(scope)\".",
            challenge: "Bearer error=\"insufficient_scope\", scope=\"\(scope)\"")
    }

    /// 403: the token holds, and is of a kind that does not open this.
    package static func wrongKind(_ why: String) -> Problem {
        Problem(.tokenWrongKind, why, challenge: "Bearer error=\"insufficient_scope\"")
    }

    /// 422: a field of the request is not valid.
    package static func invalidField(_ field: String, _ why: String) -> Problem {
        Problem(.invalidField, "\(field): \(why)")
    }
}

extension Problem: CustomStringConvertible {
    package var description: String {
        "\(code.rawValue) (\(code.status))\(reasons.isEmpty ? "" : ": " + reasons.map(\.code.rawValue).joined(separator: ", "))"
    }
}

extension Problem {
    /// What a caller of ours is told when a service that must decide cannot: its refusal, or that it is away.
    ///
    /// A problem of the other service that this service brought upon itself (a wrong token, a malformed request) is
    /// not the caller's: it becomes an unavailability.
    package init(_ error: RemoteError) {
        if case .outcomeUnknown = error {
            self.init(.outcomeUnknown, Self.notKnown)
            return
        }
        guard case .problem(let problem) = error, let code = ProblemCode(rawValue: problem.code),
            [
                .refused, .conflict, .versionMismatch, .invalidField, .notFound, .interactionUnknown, .notCaughtUp,
                .restoring, .outcomeUnknown, .tooManyRequests,
            ].contains(code)
        else {
            self.init(
                .dependencyUnavailable, "Another service that must decide did not answer. Try again shortly.",
                retryAfter: 2)
            return
        }
        self.init(code, problem.detail, reasons: problem.reasons, retryAfter: problem.retryAfter)
    }
}
