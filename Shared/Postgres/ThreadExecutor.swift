import Async

/// Runs the jobs of one actor on one thread of its own, so that libpq may block it.
///
/// The cooperative pool is as wide as the machine has cores and does not grow: two blocking calls there stop everybody.
final class ThreadExecutor: SerialExecutor {
    private enum Order: Sendable {
        case run(UnownedJob)
        case stop
    }

    private let orders = Mailbox<Order>()

    /// Starts the thread; it lives until `stop()`.
    init() {
        startThread { [self] in loop() }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        orders.put(.run(UnownedJob(job)))
    }

    /// Ends the thread after the jobs that were enqueued before.
    func stop() {
        orders.put(.stop)
    }

    private func loop() {
        var stopped = false
        while true {
            let batch = orders.takeAll(waiting: !stopped)
            if stopped && batch.isEmpty { return }
            for order in batch {
                switch order {
                case .run(let job): unsafe job.runSynchronously(on: asUnownedSerialExecutor())
                case .stop: stopped = true
                }
            }
        }
    }
}
