/// Wakes somebody in this process; rings that nobody heard yet count as one.
package struct Bell: Sendable {
    /// The rings.
    package let rings: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() {
        (rings, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Rings.
    package func ring() { continuation.yield() }
}
