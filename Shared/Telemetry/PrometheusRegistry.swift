package import CoreMetrics
import Synchronization

/// Keeps the process's measurements for Prometheus to fetch: a `MetricsFactory` of our own.
///
/// None of the available packages exposes swift-metrics in Prometheus's text format, hence this small one. A name keeps
/// the kind of instrument that it was first used with; what is made under the same name with another kind, or beyond
/// the bound of series, is counted in `metrics_dropped_series_total` and otherwise goes nowhere.
package final class PrometheusRegistry: MetricsFactory {
    private struct State {
        var families: [String: Family] = [:]
        var series = 0
        var dropped = 0
    }
    private struct Family {
        let kind: PrometheusKind
        var members: [PrometheusLabels: any Instrument] = [:]
    }
    private let state = Mutex(State())
    private let maximumSeries: Int

    /// The registry of the process, to be registered once with `MetricsSystem`.
    package static let process = PrometheusRegistry()

    /// An empty registry with a bound on the number of series.
    package init(maximumSeries: Int = 10_000) {
        self.maximumSeries = maximumSeries
    }

    /// All families by name, each with its series by labels.
    package func families() -> [PrometheusFamily] {
        let (families, dropped) = state.withLock { ($0.families, $0.dropped) }
        var result = families.map { name, family in
            PrometheusFamily(
                name: name, kind: family.kind,
                series: family.members.map { ($0.key, $0.value.reading) }.sorted { $0.0 < $1.0 })
        }
        result.append(
            PrometheusFamily(
                name: "metrics_dropped_series_total", kind: .counter,
                series: [(PrometheusLabels([]), .value(Double(dropped)))]))
        return result.sorted { $0.name < $1.name }
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        make(PrometheusText.counterName(label), .counter, dimensions) { CounterInstrument() }
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        make(PrometheusText.counterName(label), .counter, dimensions) { FloatCounterInstrument() }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        make(PrometheusText.name(label), .gauge, dimensions) { GaugeInstrument() }
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        let name = PrometheusText.name(label)
        guard aggregate else { return make(name, .gauge, dimensions) { GaugeInstrument() } }
        return make(name, .histogram, dimensions) { HistogramInstrument(bounds: HistogramInstrument.amounts) }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        make(PrometheusText.name(label), .histogram, dimensions) {
            HistogramInstrument(bounds: HistogramInstrument.seconds)
        }
    }

    // Series stay for the life of the process: a counter that vanished and came back would look like a restart.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func make<Made: Instrument>(
        _ name: String, _ kind: PrometheusKind, _ dimensions: [(String, String)], _ create: () -> Made
    ) -> Made {
        let labels = PrometheusLabels(dimensions)
        return state.withLock { state in
            if let known = state.families[name]?.members[labels] as? Made { return known }
            let made = create()
            var family = state.families[name] ?? Family(kind: kind)
            guard family.kind == kind, family.members[labels] == nil, state.series < maximumSeries else {
                state.dropped += 1
                return made
            }
            family.members[labels] = made
            state.families[name] = family
            state.series += 1
            return made
        }
    }
}
