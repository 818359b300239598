import Portal

@main
struct Main {
    static func main() {
        print(PortalHTTPPlaceholder.self)
    }
}
