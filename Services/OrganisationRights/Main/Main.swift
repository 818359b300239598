import OrganisationRights
import ServiceKit

@main
struct Main {
    static func main() async {
        await serveMain(OrganisationRightsService.self)
    }
}
