import Authentication

@main
struct Main {
    static func main() {
        print(AuthenticationHTTPPlaceholder.self)
    }
}
