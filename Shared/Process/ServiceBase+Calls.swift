package import Clients
package import ContractCore
import FoundationEssentials
import Keys

extension ServiceBase {
    /// An origin for calls without a request, such as those of an import.
    package func origin() -> CallOrigin {
        let (high, low) = random.words()
        return CallOrigin(
            trace: TraceContext(high: high, low: low, span: random.words().0, sampled: false),
            requestID: newID().uuidString.lowercased())
    }
}

extension RemoteService {
    /// A service as a service's base reaches it.
    package init(_ baseURL: String, base: ServiceBase) {
        self.init(baseURL: baseURL, httpClient: base.httpClient, tokens: base.tokens)
    }
}
