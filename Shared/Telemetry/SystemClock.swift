import FoundationEssentials
package import Vocabulary

/// The system's clock as an instant, to the microsecond.
package let systemClock: @Sendable () -> Instant = {
    Instant(microseconds: Int64((Date.now.timeIntervalSince1970 * 1_000_000).rounded(.down)))
}
