import Synchronization

/// Collects the lines that something writes, for a test to look at.
package final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    package init() {}

    /// What was written, in its order.
    package var all: [String] { lines.withLock { $0 } }

    /// Takes a line.
    package func add(_ line: String) { lines.withLock { $0.append(line) } }
}
