import HTTPTypes
import Hummingbird
import Web

/// The address that a request comes from, as far as it can be believed.
///
/// Only proxies that the configuration names may say whom they forward for: a browser can write the header as well.
struct SourceAddress: Sendable {
    private let trustedProxies: Set<String>

    init(trustedProxies: [String]) {
        self.trustedProxies = Set(trustedProxies)
    }

    /// The peer's address, or the last one of `X-Forwarded-For` that no trusted proxy has.
    func address(of request: Request, _ context: AppContext) -> String? {
        guard let peer = context.remoteAddress else { return nil }
        guard trustedProxies.contains(peer), let name = HTTPField.Name("X-Forwarded-For") else { return peer }
        let forwarded = request.headers[values: name].joined(separator: ",").split(separator: ",").suffix(20)
            .map { String($0.filter { $0 != " " }) }
        return forwarded.last { !trustedProxies.contains($0) && (2...45).contains($0.utf8.count) } ?? peer
    }
}
