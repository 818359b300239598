import MandateRegistry

@main
struct Main {
    static func main() {
        print(MandateRegistryHTTPPlaceholder.self)
    }
}
