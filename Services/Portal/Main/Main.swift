import Portal
import ServiceKit

@main
struct Main {
    static func main() async { await serveMain(PortalService.self) }
}
