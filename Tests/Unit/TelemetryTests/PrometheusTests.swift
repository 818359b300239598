import CoreMetrics
import Telemetry
import Testing

@Suite("Measurements are shown in Prometheus's text format")
struct PrometheusTests {
    private let registry = PrometheusRegistry(maximumSeries: 20)

    private var text: String { PrometheusText.render(registry.families()) }

    @Test("a counter counts up, and its name ends in _total")
    func counter() {
        let counter = Counter(label: "mandates.stopped", dimensions: [("type", "social-statute")], factory: registry)
        counter.increment()
        counter.increment(by: 2)
        #expect(text.contains("# TYPE mandates_stopped_total counter\n"))
        #expect(text.contains("mandates_stopped_total{type=\"social-statute\"} 3\n"))
    }

    @Test("a gauge goes up and down")
    func gauge() {
        let gauge = Meter(label: "waiting", factory: registry)
        gauge.increment(by: 3)
        gauge.decrement()
        #expect(text.contains("# TYPE waiting gauge\nwaiting 2\n"))
    }

    @Test("a timer is a histogram in seconds with cumulative buckets")
    func timer() {
        let timer = Timer(label: "request_seconds", factory: registry)
        timer.recordMilliseconds(3)
        timer.recordMilliseconds(30)
        timer.recordSeconds(60)
        #expect(text.contains("# TYPE request_seconds histogram\n"))
        #expect(text.contains("request_seconds_bucket{le=\"0.0025\"} 0\n"))
        #expect(text.contains("request_seconds_bucket{le=\"0.005\"} 1\n"))
        #expect(text.contains("request_seconds_bucket{le=\"0.05\"} 2\n"))
        #expect(text.contains("request_seconds_bucket{le=\"10\"} 2\n"))
        #expect(text.contains("request_seconds_bucket{le=\"+Inf\"} 3\n"))
        #expect(text.contains("request_seconds_sum 60.033\n"))
        #expect(text.contains("request_seconds_count 3\n"))
    }

    @Test("label values are escaped, and names are made valid")
    func escaping() {
        Counter(
            label: "1st-thing", dimensions: [("a-b", "x\"y\\z\n"), ("__own", "1"), ("le", "2")], factory: registry
        ).increment()
        #expect(
            text.contains(#"_1st_thing_total{a_b="x\"y\\z\n",label__own="1",label_le="2"} 1"# + "\n"))
    }

    @Test("the same name and labels are one series, in whichever order the labels come")
    func sameSeries() {
        Counter(label: "c", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
        Counter(label: "c", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()
        #expect(text.contains("c_total{a=\"1\",b=\"2\"} 2\n"))
    }

    @Test("a name keeps its first kind, and what comes after is counted as dropped")
    func kinds() {
        Meter(label: "thing_total", factory: registry).set(5)
        Counter(label: "thing", factory: registry).increment()
        #expect(text.contains("# TYPE thing_total gauge\n"))
        #expect(!text.contains("# TYPE thing_total counter"))
        #expect(text.contains("metrics_dropped_series_total 1\n"))
    }

    @Test("the number of series is bounded")
    func bound() {
        for index in 0..<50 { Counter(label: "many", dimensions: [("i", "\(index)")], factory: registry).increment() }
        #expect(text.split(separator: "\n").count { $0.hasPrefix("many_total{") } == 20)
        #expect(text.contains("metrics_dropped_series_total 30\n"))
    }

    @Test("every line keeps the rules of the format, and each family is declared once before its samples")
    func grammar() throws {
        Counter(label: "a", dimensions: [("x", "1")], factory: registry).increment()
        Timer(label: "b", factory: registry).recordSeconds(1)
        Recorder(label: "c", aggregate: true, factory: registry).record(12)
        Gauge(label: "d", factory: registry).record(-0.5)
        var declared: Set<String> = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# TYPE ") {
                let parts = line.split(separator: " ")
                #expect(parts.count == 4 && ["counter", "gauge", "histogram"].contains(parts[3]))
                #expect(declared.insert(String(parts[2])).inserted)
                continue
            }
            let sample = try #require(
                line.wholeMatch(of: /([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[^{}]*\})? (-?[0-9.e+-]+|NaN|[+-]Inf)/))
            let name = String(sample.1)
            let family = ["_bucket", "_sum", "_count"].reduce(name) { name, suffix in
                let base = name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
                return declared.contains(base) ? base : name
            }
            #expect(declared.contains(family))
        }
        #expect(text.hasSuffix("\n"))
        #expect(text.contains("\nd -0.5\n"))
    }
}
