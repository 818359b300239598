import Authentication
import Process

@main
struct Main {
    static func main() async {
        await serveMain(AuthenticationService.self)
    }
}
