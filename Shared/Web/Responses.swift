package import ContractCore
import FoundationEssentials
package import HTTPTypes
package import Hummingbird
import NIOCore

extension Response {
    /// An answer in JSON, not to be stored by anything on its way.
    ///
    /// - Parameters:
    ///   - value: The body.
    ///   - status: The status, 200 unless named.
    ///   - positions: Where the write stands in its source's events; goes out as `Toegang-Position`.
    ///   - version: The version of what is answered; goes out as `ETag`.
    package static func json(
        _ value: some Encodable, status: HTTPResponse.Status = .ok, positions: Positions? = nil, version: Int64? = nil
    ) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        var headers: HTTPFields = [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"]
        if let positions { headers[.toegangPosition] = positions.header }
        if let version { headers[.eTag] = "\"\(version)\"" }
        let body = try encoder.encode(value)
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    /// An answer without a body.
    package static func empty(_ status: HTTPResponse.Status = .noContent, positions: Positions? = nil) -> Response {
        var headers: HTTPFields = [.cacheControl: "no-store"]
        if let positions { headers[.toegangPosition] = positions.header }
        return Response(status: status, headers: headers)
    }

    /// A redirect with 303, after which the browser asks with GET; not to be stored.
    package static func seeOther(_ location: String) -> Response {
        Response(status: .seeOther, headers: [.location: location, .cacheControl: "no-store"])
    }
}

extension HTTPField.Name {
    private static func ours(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else { preconditionFailure("\(name) is no header name") }
        return field
    }
    /// `Toegang-Position`.
    package static let toegangPosition = ours(ToegangHeader.position)
    /// `Toegang-After`.
    package static let toegangAfter = ours(ToegangHeader.after)
    /// `Toegang-Tab`.
    package static let toegangTab = ours(ToegangHeader.tab)
    /// `x-request-id`.
    package static let requestID = ours("x-request-id")
    /// `x-content-type-options`: no browser takes an answer for something that its content type does not say.
    package static let contentTypeOptions = ours("x-content-type-options")
    /// `pragma`, which caches of HTTP/1.0 know.
    package static let pragma = ours("pragma")
    /// `traceparent` of W3C Trace Context.
    package static let traceParent = ours("traceparent")
}
