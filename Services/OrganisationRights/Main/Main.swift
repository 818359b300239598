import OrganisationRights

@main
struct Main {
    static func main() {
        print(OrganisationRightsHTTPPlaceholder.self)
    }
}
