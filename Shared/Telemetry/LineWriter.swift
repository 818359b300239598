import Dispatch
import Glibc
import Synchronization

/// Writes lines to a file descriptor from a thread of its own, so that a slow reader of the log blocks no request.
///
/// What waits is bounded: beyond a mebibyte lines are dropped, and their number is written once there is room.
package final class LineWriter: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var dropped = 0
        var scheduled = false
    }
    private static let limit = 1 << 20
    private let descriptor: Int32
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "toegang.log")

    /// A writer to an open descriptor, such as 1 for standard output.
    package init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Standard output, for the log of a process.
    package static let standardOutput = LineWriter(descriptor: 1)

    /// Standard error, for what ended a command.
    package static let standardError = LineWriter(descriptor: 2)

    /// Takes a line; returns at once.
    package func write(_ line: String) {
        let schedule = state.withLock { state in
            guard state.waiting.count + line.utf8.count < Self.limit else {
                state.dropped += 1
                return false
            }
            state.waiting.append(contentsOf: line.utf8)
            state.waiting.append(UInt8(ascii: "\n"))
            defer { state.scheduled = true }
            return !state.scheduled
        }
        if schedule { queue.async { self.drain() } }
    }

    /// Waits until all that was taken is written; for the end of a process, from a thread that may block.
    package func flush() {
        queue.sync { self.drain() }
    }

    private func drain() {
        while true {
            let (bytes, dropped) = state.withLock { state in
                defer {
                    state.waiting = []
                    state.dropped = 0
                    if state.waiting.isEmpty { state.scheduled = false }
                }
                return (state.waiting, state.dropped)
            }
            if dropped > 0 {
                put(
                    [UInt8](
                        #"{"level":"warning","message":"Log lines were dropped","count":"\#(dropped)"}"#.utf8 + [10]))
            }
            guard !bytes.isEmpty else { return }
            put(bytes)
        }
    }

    private func put(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR && errno != EAGAIN {
                return  // nobody reads the log any more
            }
        }
    }
}
