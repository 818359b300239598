import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Process
import Testing
import Web

/// What a service answers while it may not decide by its own database.
@Suite struct OwnFactsTests {
    /// What is the same whatever the database says; the list names all of it, beside the files that pages use.
    private static let open: [SuiteService: Set<String>] = [
        .authentication: [
            "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/jwks",
        ]
    ]

    @Test(
        "every route of a service that has facts of its own is refused while they are in doubt",
        arguments: SuiteService.allCases.filter { $0 != .portal })
    func everywhere(_ service: SuiteService) async throws {
        try await BuiltService.with(service) { built in
            built.base.ownFacts.decide(false)
            let quiet = Logger(label: "contract") { _ in SwiftLogNoOpLogHandler() }
            let responder = built.assembly.responder(base: built.base)
            let routes = built.assembly.router.routes.map { (method: $0.method, path: openAPIPath($0.path)) }
                .filter { !$0.path.hasPrefix("/assets/") }
            let app = Application(responder: responder, logger: quiet)
            try await app.test(.router) { client in
                for route in routes {
                    let address = route.path.split(separator: "/").map { $0.hasPrefix("{") ? "x" : String($0) }
                        .joined(separator: "/")
                    let response = try await client.execute(uri: "/" + address, method: route.method)
                    let isRefused = response.status == .serviceUnavailable && response.headers[.retryAfter] == "2"
                    let isOpen = Self.open[service]?.contains(route.path) == true
                    #expect(isRefused != isOpen, "\(route.method) \(route.path): \(response.status)")
                }
            }
        }
    }
}
