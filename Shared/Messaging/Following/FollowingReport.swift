import ContractCore
import FoundationEssentials
package import Postgres

/// What of a service's projections is amiss, in words for `/health/ready`.
package enum FollowingReport {
    /// One sentence for each projection and trouble: halted partitions with the reason, partitions that nobody reads,
    /// parked aggregates.
    package static func read(_ followed: [Followed], in session: borrowing Session) throws -> [String] {
        let (names, sources) = (followed.map(\.projection), followed.map(\.source.rawValue))
        let answers = try session.pipeline([
            """
            SELECT known.projection, known.source, item.partition, position.reason
            FROM unnest(\(names), \(sources)) AS known (projection, source)
            CROSS JOIN generate_series(0, \(Int32(Topic.partitions) - 1)) AS item (partition)
            LEFT JOIN position USING (projection, source, partition)
            LEFT JOIN lease ON lease.scope = known.projection || '/' || known.source
                AND lease.partition = item.partition
            LEFT JOIN lease_member ON lease_member.owner = lease.owner
            WHERE (position.state = 'running' AND coalesce(lease_member.expires_at, lease.freed_at)
                > clock_timestamp() - interval '10 seconds') IS NOT TRUE
            """,
            """
            SELECT projection, source, count(DISTINCT key) FROM parked
            JOIN unnest(\(names), \(sources)) AS known (projection, source) USING (projection, source)
            GROUP BY projection, source ORDER BY projection
            """,
        ])
        var partitions: [String: [Int32]] = [:]
        for row in answers[0] {
            let (projection, source, partition, reason) = try row.decode(
                String.self, String.self, Int32.self, String?.self)
            let trouble = reason.map { "halted (\($0))" } ?? "read by nobody"
            partitions["\(projection) of \(source) is \(trouble)", default: []].append(partition)
        }
        let parked = try answers[1].map { row in
            let (projection, source, count) = try row.decode(String.self, String.self, Int64.self)
            return "\(projection) of \(source) has \(count) parked aggregates"
        }
        return partitions.sorted { $0.key < $1.key }.map { "\($0.key) in \(list($0.value))" } + parked
    }

    /// Partitions in words, such as `partitions 0–3, 7`.
    package static func list(_ partitions: [Int32]) -> String {
        var ranges: [ClosedRange<Int32>] = []
        for partition in partitions.sorted() {
            if let last = ranges.last, partition <= last.upperBound + 1 {
                ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, partition)
            } else {
                ranges.append(partition...partition)
            }
        }
        let text = ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)" }
        return (partitions.count == 1 ? "partition " : "partitions ") + text.joined(separator: ", ")
    }
}
