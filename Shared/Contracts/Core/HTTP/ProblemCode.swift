/// A stable code of a problem that an API answers (RFC 9457): the last part of its `type`.
///
/// A code never changes its meaning. `Shared/Docs/http-status-codes.md` lists them.
package struct ProblemCode: RawRepresentable, Hashable, Sendable {
    package let rawValue: String
    /// The HTTP status that goes with it.
    package let status: Int
    /// A short English summary that is the same for each occurrence.
    package let title: String

    package init?(rawValue: String) {
        guard let code = Self.byName[rawValue] else { return nil }
        self = code
    }

    private init(_ rawValue: String, _ status: Int, _ title: String) {
        self.rawValue = rawValue
        self.status = status
        self.title = title
    }

    // What any operation can answer.
    package static let malformedRequest = Self("request.malformed", 400, "The request cannot be read")
    package static let invalidField = Self("request.invalid-field", 422, "A field of the request is not valid")
    package static let bodyTooLarge = Self(
        "request.body-too-large", 413, "The body is larger than this operation takes")
    package static let unsupportedMediaType = Self(
        "request.unsupported-media-type", 415, "The content type is not supported")
    package static let unknownPosition = Self(
        "request.unknown-position", 400, "Toegang-After names a source that is not followed here")
    package static let tokenMissing = Self("token.missing", 401, "An access token is needed")
    package static let tokenInvalid = Self("token.invalid", 401, "The access token is not valid")
    package static let tokenWrongKind = Self(
        "token.wrong-kind", 403, "This kind of access token does not fit the operation")
    package static let scopeMissing = Self("token.scope-missing", 403, "The access token lacks the scope")
    package static let actingAsUnknown = Self(
        "token.acting-as-unknown", 403, "This service does not know yet what the token says the person acts as")
    package static let notFound = Self("resource.not-found", 404, "There is nothing here for you")
    package static let methodNotAllowed = Self("request.method-not-allowed", 405, "The method is not allowed here")
    package static let tooManyRequests = Self("request.too-many", 429, "Too many requests")
    package static let internalError = Self("service.internal-error", 500, "Something went wrong on our side")
    package static let unavailable = Self("service.unavailable", 503, "The service cannot answer right now")
    package static let outcomeUnknown = Self("service.outcome-unknown", 503, "Whether it was done is not known")
    package static let notCaughtUp = Self("service.not-caught-up", 503, "What you refer to has not arrived here yet")
    package static let restoring = Self("service.restoring", 503, "What the service knows is not certain right now")
    package static let dependencyUnavailable = Self(
        "service.dependency-unavailable", 503, "Another service that must decide cannot be reached")

    // Refusals by a decision, which carry reasons.
    package static let refused = Self("decision.refused", 403, "This is not allowed")
    package static let conflict = Self("resource.conflict", 409, "The state of the resource does not allow this")
    package static let versionMismatch = Self("resource.version-mismatch", 412, "Somebody changed this in the meantime")
    package static let versionMissing = Self(
        "resource.version-missing", 428, "The version that you looked at is needed")
    package static let staleForm = Self("form.stale", 403, "The form was not made for this browser session")
    package static let contextMismatch = Self("dossier.context-mismatch", 409, "The page and the opened dossier differ")

    // Sign-in.
    package static let interactionUnknown = Self("interaction.unknown", 404, "This sign-in is unknown, used or expired")

    /// All of them.
    package static let all: [ProblemCode] = [
        malformedRequest, invalidField, bodyTooLarge, unsupportedMediaType, unknownPosition, tokenMissing,
        tokenInvalid, tokenWrongKind, scopeMissing, actingAsUnknown, notFound, methodNotAllowed, tooManyRequests,
        internalError,
        unavailable, outcomeUnknown, notCaughtUp, restoring, dependencyUnavailable, refused, conflict, versionMismatch,
        versionMissing,
        staleForm, contextMismatch, interactionUnknown,
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.rawValue, $0) })

    package static func == (left: ProblemCode, right: ProblemCode) -> Bool { left.rawValue == right.rawValue }

    package func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}
