import ProfileResolution

@main
struct Main {
    static func main() {
        print(ProfileResolutionHTTPPlaceholder.self)
    }
}
