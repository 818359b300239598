import Portal
import Process

@main
struct Main {
    static func main() async { await serveMain(PortalService.self) }
}
