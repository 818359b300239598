import ContractCore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Keys
import NIOCore
import Testing
import Vocabulary
import Web

@Suite("What a service may decide by its own database")
struct OwnFactsTests {
    private let facts = OwnFacts()

    private var router: Router<AppContext> {
        let router = Router(context: AppContext.self)
        router.get("/keys") { _, _ in "keys" }
        router.add(middleware: OwnFactsMiddleware(facts))
        router.get("/rights") { _, _ in "rights" }
        router.post("/rights") { _, _ in "given" }
        return router
    }

    @Test("nothing is decided until somebody says so, nor when it is in doubt later; what is no fact is always told")
    func refuses() async throws {
        let responder = StandardResponder(router, newID: { UUID() }, random: .system)
        try await Application(responder: responder).test(.router) { client in
            for mayDecide in [false, true, false] {
                facts.decide(mayDecide)
                for method in [HTTPRequest.Method.get, .post] {
                    let answer = try await client.execute(uri: "/rights", method: method)
                    #expect(answer.status == (mayDecide ? .ok : .serviceUnavailable))
                    guard !mayDecide else { continue }
                    #expect(answer.headers[.retryAfter] == "2")
                    let body = Data(answer.body.readableBytesView)
                    let problem = try JSONDecoder().decode(ProblemDocument.self, from: body)
                    #expect(problem.code == "service.restoring")
                }
                #expect(try await client.execute(uri: "/keys", method: .get).status == .ok)
            }
        }
    }

    @Test("a new service decides nothing")
    func beginning() { #expect(!OwnFacts().isDeciding) }

    @Test("another service that is being restored is told as that, and a caller may come back")
    func passedOn() throws {
        let told = RemoteProblem(code: "service.restoring", status: 503, retryAfter: 2)
        let problem = Problem(RemoteError.problem(told))
        #expect(problem.code == .restoring && problem.retryAfter == 2)
    }
}
