import OrganisationRights
import Process

@main
struct Main {
    static func main() async {
        await serveMain(OrganisationRightsService.self)
    }
}
