package import ContractCore

/// When each partition of the sources that are followed was last heard of.
package struct SourceHearing: Sendable {
    private var heard: [Positions.Place: Moment]

    /// Nobody was heard yet; whoever says nothing from `start` on is silent later.
    package init(_ sources: Set<EventSource>, partitions: Int, from start: Moment) {
        heard = [:]
        for source in sources {
            for partition in 0..<Int32(partitions) { heard[Positions.Place(source, partition)] = start }
        }
    }

    /// Takes note of a source's heads.
    package mutating func hear(_ heads: SourceHeads, at now: Moment) {
        for partition in heads.heads.map(\.partition) + heads.uncertain {
            let place = Positions.Place(heads.source, partition)
            if let last = heard[place] { heard[place] = max(last, now) }
        }
    }

    /// How long the source has not been heard of, in the partition that was heard of least recently.
    package func silence(of source: EventSource, at now: Moment) -> Duration {
        heard.filter { $0.key.source == source }.map { now - $0.value }.max() ?? .zero
    }

    /// The partitions that were not heard of for longer than a time, by source.
    package func silent(for time: Duration, at now: Moment) -> [EventSource: [Int32]] {
        Dictionary(grouping: heard.filter { now - $0.value > time }.keys, by: \.source)
            .mapValues { $0.map(\.partition).sorted() }
    }
}
