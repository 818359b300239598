import Process
import Testing

@Suite("A service says whether it can do its work")
struct ReadinessTests {
    @Test("it is ready when every check holds")
    func ready() async {
        let report = await Readiness([ReadinessCheck("database") { .ok }, ReadinessCheck("keys") { .ok }]).report()
        #expect(report.ready && !report.degraded)
        #expect(report.checks.map(\.name) == ["database", "keys"])
    }

    @Test("what is amiss without stopping the work is told and leaves it ready")
    func degraded() async {
        let report = await Readiness([
            ReadinessCheck("database") { .ok }, ReadinessCheck("projections") { .degraded("2 partitions halted") },
        ]).report()
        #expect(report.ready && report.degraded && report.checks[1].detail == "2 partitions halted")
    }

    @Test("one check that fails, or does not answer in time, makes it not ready")
    func failing() async {
        let failing = await Readiness([ReadinessCheck("a") { .ok }, ReadinessCheck("b") { .failing("no") }]).report()
        #expect(!failing.ready && failing.checks[1].status == "failing")
        let slow = ReadinessCheck("slow") {
            try? await Task.sleep(for: .seconds(60))
            return .ok
        }
        let started = ContinuousClock.now
        let report = await Readiness([slow], deadline: .milliseconds(50)).report()
        #expect(!report.ready && report.checks[0].detail == "no answer within 0.05 seconds")
        #expect(ContinuousClock.now - started < .seconds(10))
    }
}
