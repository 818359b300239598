import CoreMetrics
import Logging
import Synchronization
import Telemetry

/// Connects the log and the metrics of a process, once.
enum ProcessObservation {
    private static let started = Atomic<Bool>(false)

    /// Logs of `level` and above go as JSON lines to the descriptor: standard output, or standard error for a command
    /// whose output is its result.
    static func start(service: String, level: Logger.Level, descriptor: Int32 = 1) {
        guard started.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else { return }
        let writer = descriptor == 1 ? LineWriter.standardOutput : LineWriter(descriptor: descriptor)
        LoggingSystem.bootstrap { label in
            JSONLogHandler(service: service, label: label, level: level, now: systemClock) { writer.write($0) }
        }
        MetricsSystem.bootstrap(PrometheusRegistry.process)
    }
}
