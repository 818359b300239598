package import HummingbirdCore
import NIOCore

/// What one listener lets its connections take.
package enum BoundedConnections {
    /// A listener's configuration: time without a request, bytes of headers, time for a body, and how many connections
    /// there are in all and of one peer.
    package static func configuration(maximum: Int, perPeer: Int, bodyDeadline: Duration) -> HTTP1Channel.Configuration
    {
        let book = ConnectionBook(maximum: maximum, perPeer: perPeer)
        let deadline = TimeAmount.milliseconds(bodyDeadline.components.seconds * 1000)
        var configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionGuard(book: book, bodyDeadline: deadline)],
            idleTimeout: .seconds(60))
        configuration.httpDecoder = .init(
            maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024, maxHeaderFieldCount: 100)
        return configuration
    }
}
