/// A wait that doubles from its first value up to its longest.
package struct Backoff: Sendable, Hashable {
    private let first: Duration
    private let longest: Duration
    private var next: Duration

    /// A wait that was not used yet.
    package init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = max(first, longest)
        next = first
    }

    /// The next wait.
    package mutating func step() -> Duration {
        defer { next = min(next * 2, longest) }
        return next
    }

    /// The first wait again, after something went well.
    package mutating func reset() { next = first }

    /// The wait after so many failed attempts.
    package static func wait(after attempts: Int, first: Duration, longest: Duration) -> Duration {
        min(first * (1 << min(max(0, attempts), 20)), longest)
    }
}
