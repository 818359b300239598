import ContractCore
import FoundationEssentials
import HTTPTypes
package import Hummingbird
import NIOCore
import Vocabulary

/// The usual limit of a request body, in bytes.
package let defaultBodyLimit = 16 * 1024

extension Request {
    /// Reads the body as JSON.
    ///
    /// - Parameters:
    ///   - type: What the body must be.
    ///   - limit: The most bytes that are read.
    ///   - context: The request's context.
    /// - Throws: A `Problem`: 415 unless the content type is `application/json`, 413 when the body is larger than the
    ///   limit, 400 when it is no JSON or lacks a member, 422 when a member has a value that cannot be.
    package func decodeJSON<Body: Decodable>(
        as type: Body.Type, limit: Int = defaultBodyLimit, context: AppContext
    ) async throws(Problem) -> Body {
        try requireMediaType("application/json")
        let bytes = try await readBody(limit: limit)
        guard !bytes.isEmpty else { throw Problem(.malformedRequest, "The body is empty; send a JSON object.") }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw Problem(decoding: error)
        } catch {
            throw Problem(.malformedRequest, "The body is not JSON.")
        }
    }

    /// The whole body, when it has at most `limit` bytes; 413 otherwise, without reading on.
    package func readBody(limit: Int) async throws(Problem) -> [UInt8] {
        let tooLarge = Problem(.bodyTooLarge, "This operation takes at most \(limit) bytes.")
        if let announced = headers[.contentLength].flatMap(Int.init), announced > limit { throw tooLarge }
        do {
            let buffer = try await body.collect(upTo: limit)
            return Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        } catch {
            throw Problem(.malformedRequest, "The body ended before it was complete.")
        }
    }

    /// Refuses with 415 a body of another content type; parameters such as a character set are left aside.
    package func requireMediaType(_ expected: String) throws(Problem) {
        let essence = headers[.contentType]?.split(separator: ";").first.map { String($0.trimmedBlanks).lowercased() }
        guard essence == expected else {
            throw Problem(.unsupportedMediaType, "Send the body with the content type \(expected).")
        }
    }

    /// The version in `If-Match`, as `"7"` or `7`.
    ///
    /// - Throws: A `Problem`: 428 without the header, 400 when it is no version.
    package func requiredVersion() throws(Problem) -> Int64 {
        guard let header = headers[.ifMatch] else {
            throw Problem(.versionMissing, "Send the version that you looked at in the If-Match header.")
        }
        let text = header.trimmedBlanks
        let bare = text.hasPrefix("\"") && text.hasSuffix("\"") && text.count >= 2 ? text.dropFirst().dropLast() : text
        guard let version = Int64(bare), version >= 0 else {
            throw Problem(.malformedRequest, "If-Match must hold one version, such as \"7\".")
        }
        return version
    }
}

extension Problem {
    /// What a body that cannot be decoded lacks: the place, never the value.
    init(decoding error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            self.init(.malformedRequest, "The member \"\(Self.path(context.codingPath + [key]))\" is missing.")
        case .valueNotFound(_, let context):
            self.init(.malformedRequest, "The member \"\(Self.path(context.codingPath))\" may not be null.")
        case .typeMismatch(let expected, let context):
            self.init(
                .malformedRequest,
                "The member \"\(Self.path(context.codingPath))\" must be \(Self.jsonName(of: expected)).")
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            self.init(.malformedRequest, "The body is not well-formed JSON.")
        case .dataCorrupted(let context):
            self.init(.invalidField, "The member \"\(Self.path(context.codingPath))\" does not have a valid value.")
        @unknown default:
            self.init(.malformedRequest, "The body cannot be read.")
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }

    private static func jsonName(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is Bool.Type: "true or false"
        case is any BinaryInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is [Any].Type: "an array"
        default: "of another type"
        }
    }
}
