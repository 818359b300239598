import ProfileResolution
import ServiceKit

@main
struct Main {
    static func main() async { await serveMain(ProfileResolutionService.self) }
}
