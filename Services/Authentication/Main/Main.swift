import Authentication
import ServiceKit

@main
struct Main {
    static func main() async {
        await serveMain(AuthenticationService.self)
    }
}
