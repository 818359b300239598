import MandateRegistry
import ServiceKit

@main
struct Main {
    static func main() async {
        await serveMain(MandateRegistryService.self)
    }
}
