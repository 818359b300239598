import Vocabulary

/// Places in the event streams of sources: what a write made, or what a reader must have seen.
///
/// As a header: `<source>:<partition>:<sequence>`, separated by commas.
package struct Positions: Sendable, Hashable {
    /// A partition of a source.
    package struct Place: Sendable, Hashable, Comparable {
        package let source: EventSource
        package let partition: Int32

        /// Names a partition.
        package init(_ source: EventSource, _ partition: Int32) {
            self.source = source
            self.partition = partition
        }

        package static func < (left: Place, right: Place) -> Bool {
            (left.source.rawValue, left.partition) < (right.source.rawValue, right.partition)
        }
    }

    /// As many as a header may name: each partition of each source.
    package static let maximumCount = Topic.partitions * EventSource.allCases.count

    /// The last sequence number by place.
    package private(set) var sequences: [Place: Int64]

    /// No place at all.
    package init() { sequences = [:] }

    /// One place.
    package init(_ place: Place, _ sequence: Int64) { sequences = [place: sequence] }

    /// Reads a header; nil when it is not well formed, names an unknown source or names more places than exist.
    package init?(header: String) {
        let parts = header.split(separator: ",", omittingEmptySubsequences: false)
        guard !parts.isEmpty, parts.count <= Self.maximumCount else { return nil }
        var positions = Positions()
        for part in parts {
            let fields = part.trimmedBlanks.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count == 3, let source = EventSource(rawValue: String(fields[0])),
                let partition = Self.number(fields[1]), (0..<Int64(Topic.partitions)).contains(partition),
                let sequence = Self.number(fields[2])
            else { return nil }
            positions.advance(Place(source, Int32(partition)), to: sequence)
        }
        self = positions
    }

    /// The header's text, in a fixed order.
    package var header: String {
        sequences.sorted { $0.key < $1.key }
            .map { "\($0.key.source.rawValue):\($0.key.partition):\($0.value)" }
            .joined(separator: ",")
    }

    package var isEmpty: Bool { sequences.isEmpty }

    /// Both; the higher number where they name the same place.
    package func merging(_ other: Positions) -> Positions {
        var merged = self
        for (place, sequence) in other.sequences { merged.advance(place, to: sequence) }
        return merged
    }

    /// Takes the higher number of a place.
    package mutating func advance(_ place: Place, to sequence: Int64) {
        sequences[place] = max(sequences[place] ?? 0, sequence)
    }

    private static func number(_ text: Substring) -> Int64? {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }
}
