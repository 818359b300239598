import CoreMetrics
import Synchronization

/// What an instrument shows when it is read.
package enum PrometheusReading: Sendable, Equatable {
    case value(Double)
    /// Observations up to each bound (cumulative), their sum and their number.
    case histogram(buckets: [(bound: Double, count: Int)], sum: Double, count: Int)

    package static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.value(let left), .value(let right)): left == right
        case (.histogram(let a, let sumA, let countA), .histogram(let b, let sumB, let countB)):
            sumA == sumB && countA == countB && a.elementsEqual(b) { $0 == $1 }
        default: false
        }
    }
}

protocol Instrument: AnyObject, Sendable {
    var reading: PrometheusReading { get }
}

final class CounterInstrument: Instrument, CounterHandler {
    private let total = Atomic<Int64>(0)

    var reading: PrometheusReading { .value(Double(total.load(ordering: .relaxed))) }

    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        total.wrappingAdd(amount, ordering: .relaxed)
    }

    func reset() { total.store(0, ordering: .relaxed) }
}

final class FloatCounterInstrument: Instrument, FloatingPointCounterHandler {
    private let total = Mutex(0.0)

    var reading: PrometheusReading { .value(total.withLock { $0 }) }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        total.withLock { $0 += amount }
    }

    func reset() { total.withLock { $0 = 0 } }
}

final class GaugeInstrument: Instrument, MeterHandler, RecorderHandler {
    private let current = Mutex(0.0)

    var reading: PrometheusReading { .value(current.withLock { $0 }) }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { current.withLock { $0 = value } }
    func increment(by amount: Double) { current.withLock { $0 += amount } }
    func decrement(by amount: Double) { current.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
}

final class HistogramInstrument: Instrument, RecorderHandler, TimerHandler {
    /// From half a millisecond to ten seconds.
    static let seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    /// For counts and sizes.
    static let amounts: [Double] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000, 25_000, 100_000, 1_000_000]

    private struct State {
        var counts: [Int]
        var sum = 0.0
        var count = 0
    }
    private let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: [Int](repeating: 0, count: bounds.count)))
    }

    var reading: PrometheusReading {
        let state = state.withLock { $0 }
        var running = 0
        let buckets = zip(bounds, state.counts).map { bound, count in
            running += count
            return (bound: bound, count: running)
        }
        return .histogram(buckets: buckets, sum: state.sum, count: state.count)
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let index = bounds.firstIndex { value <= $0 }
        state.withLock { state in
            if let index { state.counts[index] += 1 }
            state.sum += value
            state.count += 1
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }
}
