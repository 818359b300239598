import Async
import HTTPTypes
package import Hummingbird
package import Keys
package import Logging
package import Vocabulary

/// The address that a request comes from, as far as it can be believed.
///
/// Only proxies that the configuration names may say whom they forward for: a browser can write the header as well.
package final class SourceAddress: Sendable {
    private let trustedProxies: [NetworkRange]
    private let logger: Logger
    private let hasWarned = Guarded(false)

    /// - Parameter trustedProxies: whose word is taken for whom they forward.
    package init(trustedProxies: [NetworkRange], logger: Logger) {
        self.trustedProxies = trustedProxies
        self.logger = logger
    }

    /// The address of a request; nothing when the connection has none.
    package func address(of request: Request, _ context: AppContext) -> String? {
        let name = HTTPField.Name("X-Forwarded-For")
        return address(peer: context.remoteAddress, forwarded: name.map { request.headers[values: $0] } ?? [])
    }

    /// The peer's address, or the last one of `X-Forwarded-For` that no trusted proxy has.
    package func address(peer text: String?, forwarded: [String]) -> String? {
        guard let text, let peer = NetworkAddress(text), !forwarded.isEmpty else { return text }
        guard isTrusted(peer) else {
            warn(about: text)
            return text
        }
        let chain = forwarded.joined(separator: ",").split(separator: ",").suffix(20)
            .map { String($0.filter { $0 != " " }) }
        // From the right: each trusted proxy has written whom it heard. What cannot be read ends the chain.
        for text in chain.reversed() {
            guard let address = NetworkAddress(text) else { break }
            if !isTrusted(address) { return text }
        }
        return text
    }

    private func isTrusted(_ address: NetworkAddress) -> Bool {
        trustedProxies.contains { $0.contains(address) }
    }

    /// Says once that the whole world may be one source.
    private func warn(about peer: String) {
        let isFirst = hasWarned.withLock { warned in
            defer { warned = true }
            return !warned
        }
        guard isFirst else { return }
        logger.warning(
            """
            A request came with X-Forwarded-For from a peer that is not among trustedProxies; the header was not \
            believed. If it is a proxy of yours, name it: else all who come through it count as one source
            """,
            metadata: ["peer": "\(peer)"])
    }
}

extension HMACKey {
    /// The hash of the network that an address lies in: the address of version 4, 64 bits of version 6.
    package func network(_ address: String) -> [UInt8] {
        guard let address = NetworkAddress(address) else { return code(of: "network:?") }
        return code(of: "network:\(address.network(bits: 64).bytes)")
    }
}
