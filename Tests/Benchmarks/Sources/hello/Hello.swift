import Hummingbird

/// The neighbour of the profile list: the same server library, and a body that is known beforehand.
@main
struct Hello {
    static func main() async throws {
        guard CommandLine.arguments.count == 2, let port = Int(CommandLine.arguments[1]) else {
            fatalError("usage: hello <port>")
        }
        let router = Router()
        router.get("/hello") { _, _ in "hello" }
        let application = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)))
        try await application.runService()
    }
}
