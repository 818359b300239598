import ContractCore
import Flow
import Following
import Metrics
import Vocabulary

/// The figures of a runner's projections.
struct ProjectionMetrics {
    private struct Figures {
        let applied, stale, unknownType, parkedTotal: Counter
        let lag, parked, halted: Gauge
    }

    let undecodable = Counter(label: "toegang_projection_undecodable_total")
    private let figures: [String: Figures]

    init(_ projections: [Projection]) {
        figures = Dictionary(
            uniqueKeysWithValues: projections.map { projection in
                let dimensions = [("projection", projection.name), ("source", projection.source.rawValue)]
                return (
                    projection.name,
                    Figures(
                        applied: Counter(label: "toegang_projection_applied_total", dimensions: dimensions),
                        stale: Counter(label: "toegang_projection_stale_total", dimensions: dimensions),
                        unknownType: Counter(label: "toegang_projection_unknown_type_total", dimensions: dimensions),
                        parkedTotal: Counter(label: "toegang_projection_parked_total", dimensions: dimensions),
                        lag: Gauge(label: "toegang_projection_lag", dimensions: dimensions),
                        parked: Gauge(label: "toegang_projection_parked_keys", dimensions: dimensions),
                        halted: Gauge(label: "toegang_projection_halted_partitions", dimensions: dimensions))
                )
            })
    }

    func count(_ counts: ProjectionApplier.Counts, _ projection: String) {
        guard let figures = figures[projection] else { return }
        figures.applied.increment(by: counts.applied)
        figures.stale.increment(by: counts.stale)
        figures.unknownType.increment(by: counts.unknownType)
        figures.parkedTotal.increment(by: counts.parked)
    }

    /// Records how far this instance's partitions lag, and what stands still in them.
    func record(_ all: some Sequence<PartitionProgress>) {
        for (name, units) in Dictionary(grouping: all, by: \.unit.projection) {
            guard let figures = figures[name] else { continue }
            figures.lag.record(units.reduce(Int64(0)) { $0.saturatingAdding($1.lag) })
            figures.parked.record(units.reduce(0) { $0 + $1.parkedKeys.count })
            figures.halted.record(units.filter { $0.halt != nil }.count)
        }
    }
}
