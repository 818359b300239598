package import ContractCore
package import Vocabulary

/// Which heads and requests are news: a message of somebody that is sent again by another proves its sender as well as
/// it did the first time.
package struct ControlFreshness: Sendable {
    /// How far a message may be from our clock: it takes some time, and clocks differ.
    private static let tolerance = Duration.seconds(60)

    private var latest: [Positions.Place: Instant] = [:]

    /// Nothing was heard yet.
    package init() {}

    /// What of a message is as new as all that was heard of its partitions; nil when nothing is.
    ///
    /// A doubt is news only if nothing as new was heard, and if it is of now: sent again, it would stop a partition.
    package mutating func news(in message: SourceHeads, at now: Instant) -> SourceHeads? {
        let isOfNow = Self.isOfNow(message.time, at: now)
        // A time that lies far ahead must not make everything that comes later look old.
        guard isOfNow || message.time < now else { return nil }
        let heads = message.heads.filter { message.time >= time(message.source, $0.partition) }
        let uncertain = message.uncertain.filter { isOfNow && message.time > time(message.source, $0) }
        guard !heads.isEmpty || !uncertain.isEmpty else { return nil }
        for partition in heads.map(\.partition) + uncertain {
            latest[Positions.Place(message.source, partition)] = message.time
        }
        return SourceHeads(origin: message.origin, time: message.time, heads: heads, uncertain: uncertain)
    }

    /// Whether a message was sent about now.
    package static func isOfNow(_ time: Instant, at now: Instant) -> Bool {
        time >= now.adding(.zero - tolerance) && time <= now.adding(tolerance)
    }

    private func time(_ source: EventSource, _ partition: Int32) -> Instant {
        latest[Positions.Place(source, partition)] ?? Instant(microseconds: .min)
    }
}
