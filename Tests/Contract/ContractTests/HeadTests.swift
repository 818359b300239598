import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Process
import Testing
import Web

@Suite("HEAD is answered wherever GET is")
struct HeadTests {
    /// The GETs that are asked when HEAD comes; the list names what is known to be without effect.
    private static let asked: [SuiteService: Set<String>] = [
        .authentication: [
            "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/jwks", "/userinfo",
        ],
        .profileResolution: ["/persons/{personId}/profiles", "/me/profiles"],
        .mandateRegistry: ["/mandates/given", "/mandates/given/{mandateId}"],
        .organisationRights: [
            "/me/organisations", "/organisations/{organisationId}/access-managers",
            "/organisations/{organisationId}/rights",
            "/organisations/{organisationId}/rights/{rightId}",
        ],
        .portal: ["/", "/signed-out"],
    ]
    private static let operational: Set<String> = ["/openapi.yaml"]

    @Test("every GET has a HEAD without a body, and no type is guessed by a browser", arguments: SuiteService.allCases)
    func everywhere(_ service: SuiteService) async throws {
        try await BuiltService.with(service) { built in
            let quiet = Logger(label: "contract") { _ in SwiftLogNoOpLogHandler() }
            let responder = built.assembly.responder(base: built.base)
            let paths = built.assembly.router.routes.filter { $0.method == .get }.map { openAPIPath($0.path) }
            #expect(!paths.isEmpty)
            let app = Application(responder: responder, logger: quiet)
            try await app.test(.router) { client in
                for path in paths {
                    let address = path.split(separator: "/").map { $0.hasPrefix("{") ? "x" : String($0) }
                        .joined(separator: "/")
                    let response = try await client.execute(uri: "/" + address, method: .head)
                    // Nobody is signed in, so an API refuses; there is no data behind, so nothing else can have asked.
                    #expect([.ok, .unauthorized].contains(response.status), "\(path): \(response.status)")
                    #expect(response.headers[.contentTypeOptions] == "nosniff", "\(path)")
                    if response.status == .ok { #expect(response.body.readableBytes == 0, "\(path)") }
                }
                #expect(try await client.execute(uri: "/no/such/address", method: .head).status == .notFound)
            }
        }
    }

    @Test("only the GETs that are known to be without effect are asked by a HEAD", arguments: SuiteService.allCases)
    func harmless(_ service: SuiteService) async throws {
        let asked = try await BuiltService.with(service) { built in
            _ = built.assembly.responder(base: built.base)
            return Set(built.assembly.router.routes.filter { $0.method == .head }.map { openAPIPath($0.path) })
        }
        #expect(asked.subtracting(Self.operational) == Self.asked[service])
    }
}
