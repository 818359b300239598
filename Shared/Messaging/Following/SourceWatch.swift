package import Async
package import ContractCore
import Vocabulary

/// What one reader wants to know of a source beside its events: how far it says it is, since when it is silent, and that
/// something of it was just written down.
package final class SourceWatch: Sendable {
    private struct State {
        var heads: [Int32: Int64] = [:]
        var heard: [Int32: ContinuousClock.Instant] = [:]
    }

    package let source: EventSource
    /// Raised after each effect that is written, in this instance or another one.
    package let moves = Signal()
    private let start: ContinuousClock.Instant
    private let state = Guarded(State())

    /// Watches a source from now on.
    package init(_ source: EventSource) {
        self.source = source
        start = .now
    }

    /// Takes note of where the source says it is.
    package func hear(_ message: SourceHeads) {
        let now = ContinuousClock.now
        state.withLock { state in
            for head in message.heads {
                state.heads[head.partition] = max(state.heads[head.partition] ?? 0, head.last)
                state.heard[head.partition] = now
            }
        }
    }

    /// Since when the partition that was heard of least recently is silent.
    package var silence: Duration {
        let now = ContinuousClock.now
        let heard = state.withLock(\.heard)
        return (0..<Int32(Topic.partitions)).map { now - (heard[$0] ?? start) }.max() ?? .zero
    }

    /// The last number of each partition; nil until each was heard of.
    package var heads: [Int32: Int64]? {
        let heads = state.withLock(\.heads)
        return heads.count == Topic.partitions ? heads : nil
    }
}
