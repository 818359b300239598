/// Asks all checks whether the service can do its work.
package struct Readiness: Sendable {
    private let checks: [ReadinessCheck]
    private let deadline: Duration

    /// Checks, each with the same deadline.
    package init(_ checks: [ReadinessCheck], deadline: Duration = .seconds(1)) {
        self.checks = checks
        self.deadline = deadline
    }

    /// What `/health/ready` answers.
    package struct Report: Encodable, Sendable {
        /// Whether requests should be sent here.
        package let ready: Bool
        /// Whether something is amiss that the service works in spite of.
        package let degraded: Bool
        package let checks: [Check]

        package struct Check: Encodable, Sendable {
            package let name: String
            /// `ok`, `degraded` or `failing`.
            package let status: String
            package let detail: String?
        }
    }

    /// Runs all checks at the same time.
    package func report() async -> Report {
        let outcomes = await withTaskGroup(of: (Int, ReadinessCheck.Outcome).self) { group in
            for (index, check) in checks.enumerated() {
                group.addTask { (index, await outcome(of: check)) }
            }
            var outcomes = [ReadinessCheck.Outcome](repeating: .failing("not run"), count: checks.count)
            for await (index, outcome) in group { outcomes[index] = outcome }
            return outcomes
        }
        let described = zip(checks, outcomes).map { check, outcome in
            switch outcome {
            case .ok: Report.Check(name: check.name, status: "ok", detail: nil)
            case .degraded(let why): Report.Check(name: check.name, status: "degraded", detail: why)
            case .failing(let why): Report.Check(name: check.name, status: "failing", detail: why)
            }
        }
        return Report(
            ready: !described.contains { $0.status == "failing" },
            degraded: described.contains { $0.status == "degraded" }, checks: described)
    }

    private func outcome(of check: ReadinessCheck) async -> ReadinessCheck.Outcome {
        await withTaskGroup(of: ReadinessCheck.Outcome?.self) { group in
            group.addTask { await check() }
            group.addTask {
                try? await Task.sleep(for: deadline)
                return Task.isCancelled ? nil : .failing("no answer within \(deadline)")
            }
            defer { group.cancelAll() }
            return await group.next().flatMap { $0 } ?? .failing("no answer")
        }
    }
}
