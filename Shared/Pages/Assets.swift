import Crypto
import HTTPTypes
package import Hummingbird
import NIOCore
package import Vocabulary

/// The files of this module that are compiled in.
package enum SharedAssets {
    static let templates: [String: [UInt8]] = [
        "layout": PackageResources.layout_mustache,
        "heading": PackageResources.heading_mustache,
        "explanation": PackageResources.explanation_mustache,
        "error-summary": PackageResources.error_summary_mustache,
        "field": PackageResources.field_mustache,
        "radios": PackageResources.radios_mustache,
        "select": PackageResources.select_mustache,
        "buttons": PackageResources.buttons_mustache,
        "table": PackageResources.table_mustache,
        "pagination": PackageResources.pagination_mustache,
        "problem": PackageResources.problem_mustache,
    ]

    /// The shared texts, on top of which each service puts its own.
    package static let texts: [Language: [UInt8]] = [
        .nl: PackageResources.texts_nl_json,
        .fr: PackageResources.texts_fr_json,
        .de: PackageResources.texts_de_json,
        .en: PackageResources.texts_en_json,
    ]
}

/// The stylesheet and the icon, under names that change with their content.
package struct Assets: Sendable {
    /// `/assets/toegang-<hash>.css`.
    package let stylesheetPath: String
    /// `/assets/toegang-<hash>.svg`.
    package let iconPath: String

    init() {
        stylesheetPath = "/assets/toegang-\(Self.hash(PackageResources.toegang_css)).css"
        iconPath = "/assets/toegang-\(Self.hash(PackageResources.toegang_svg)).svg"
    }

    private static func hash(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).prefix(8).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0\(text)" : text
        }.joined()
    }

    /// Adds the routes of both files; the answers may be kept for a year, since another content has another path.
    package func addRoutes(to router: some RouterMethods<some RequestContext>) {
        add(stylesheetPath, "text/css; charset=utf-8", PackageResources.toegang_css, to: router)
        add(iconPath, "image/svg+xml", PackageResources.toegang_svg, to: router)
    }

    private func add(
        _ path: String, _ type: String, _ bytes: [UInt8], to router: some RouterMethods<some RequestContext>
    ) {
        let buffer = ByteBuffer(bytes: bytes)
        router.get(RouterPath(path)) { _, _ in
            var headers = SecurityHeaders.common
            headers[.contentType] = type
            headers[.cacheControl] = "public, max-age=31536000, immutable"
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: buffer))
        }
    }
}
