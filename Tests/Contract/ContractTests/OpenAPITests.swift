import Hummingbird
import Process
import Testing
import Web

/// The route of an operation as OpenAPI writes it.
func openAPIPath(_ path: RouterPath) -> String {
    let text = "\(path)"
    return (text.hasPrefix("/") ? text : "/" + text).split(separator: "/", omittingEmptySubsequences: false).map {
        $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0)
    }.joined(separator: "/")
}

/// The operations of a service, as `GET /path`; HEAD is wherever GET is, so no document lists it.
func operations(of router: Router<AppContext>) -> [String] {
    router.routes.filter { $0.method != .head }.map { "\($0.method.rawValue) \(openAPIPath($0.path))" }
}

/// Style sheets and pictures of pages are named by their content, which no document can foresee.
func isNoAsset(_ operation: String) -> Bool { !operation.hasPrefix("GET /assets/") }

@Suite("Each service has exactly the operations that its OpenAPI document describes")
struct OpenAPITests {
    @Test("routes and document are the same, both ways", arguments: SuiteService.allCases)
    func routes(_ service: SuiteService) async throws {
        let (routes, document) = try await BuiltService.with(service) { built in
            _ = built.assembly.responder(base: built.base)
            return (
                // Health and metrics have a listener of their own.
                Set(operations(of: built.assembly.router).filter(isNoAsset))
                    .union(operations(of: OperationalRoutes.router(readiness: Readiness([])))),
                OpenAPIText(String(decoding: built.assembly.openAPI, as: UTF8.self))
            )
        }
        let documented = Set(document.operations.map(\.name).filter(isNoAsset))
        #expect(routes.subtracting(documented).sorted() == [], "served and not documented")
        #expect(documented.subtracting(routes).sorted() == [], "documented and not served")
        let names = document.operations.map(\.name)
        #expect(Set(names).count == names.count, "an operation is described twice")
    }

    @Test("the documents are complete in themselves", arguments: SuiteService.allCases)
    func document(_ service: SuiteService) async throws {
        let document = try await BuiltService.with(service) { built in
            OpenAPIText(String(decoding: built.assembly.openAPI, as: UTF8.self))
        }
        #expect(document.version?.hasPrefix("3.1") == true)
        #expect(document.references.subtracting(document.components).sorted() == [], "referred to and not there")
        let identifiers = document.operations.map { $0.identifier ?? "none: \($0.name)" }
        #expect(Set(identifiers).count == identifiers.count)
        for operation in document.operations {
            #expect(operation.identifier != nil, "\(operation.name) has no operationId")
            #expect(!operation.statuses.isEmpty, "\(operation.name) documents no response")
        }
    }

    @Test("the document that is served is the one in Shared/Contracts", arguments: SuiteService.allCases)
    func served(_ service: SuiteService) async throws {
        let embedded = try await BuiltService.with(service) { String(decoding: $0.assembly.openAPI, as: UTF8.self) }
        #expect(try SourceTree.text("Shared/Contracts/\(service.folder)/OpenAPI/\(service.rawValue).yaml") == embedded)
    }
}
