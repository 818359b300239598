import MandateRegistry
import Process

@main
struct Main {
    static func main() async {
        await serveMain(MandateRegistryService.self)
    }
}
