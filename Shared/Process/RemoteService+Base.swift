package import Clients

extension RemoteService {
    /// A service as a service's base reaches it.
    package init(_ baseURL: String, base: ServiceBase) {
        self.init(baseURL: baseURL, httpClient: base.httpClient, tokens: base.tokens)
    }
}
