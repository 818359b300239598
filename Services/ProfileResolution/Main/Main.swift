import Process
import ProfileResolution

@main
struct Main {
    static func main() async { await serveMain(ProfileResolutionService.self) }
}
