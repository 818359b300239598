import Glibc

/// Runs the jobs of one actor on one thread of its own, so that libpq may block it.
///
/// The cooperative pool is as wide as the machine has cores and does not grow: two blocking calls there stop everybody.
/// `@unchecked Sendable`: `jobs` and `stopped` are only touched with `mutex` held, and both pthread objects live
/// at fixed addresses until deinit, which runs when neither the thread nor an actor holds the executor any more.
@safe final class ThreadExecutor: SerialExecutor, @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let ready = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [UnownedJob] = []
    private var stopped = false

    /// Starts the thread; it lives until `stop()`.
    init() {
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(ready, nil)
        var thread = pthread_t()
        let retained = unsafe Unmanaged.passRetained(self)
        let result = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<ThreadExecutor>.fromOpaque(context).takeRetainedValue().loop()
                return nil
            }, retained.toOpaque())
        precondition(result == 0, "the system gave no thread for a database connection (error \(result))")
        pthread_detach(thread)
    }

    deinit {
        unsafe pthread_cond_destroy(ready)
        unsafe pthread_mutex_destroy(mutex)
        unsafe ready.deallocate()
        unsafe mutex.deallocate()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        unsafe pthread_mutex_lock(mutex)
        jobs.append(job)
        unsafe pthread_cond_signal(ready)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Ends the thread after the jobs that were enqueued before.
    func stop() {
        unsafe pthread_mutex_lock(mutex)
        stopped = true
        unsafe pthread_cond_signal(ready)
        unsafe pthread_mutex_unlock(mutex)
    }

    private func loop() {
        while true {
            unsafe pthread_mutex_lock(mutex)
            while jobs.isEmpty && !stopped { unsafe pthread_cond_wait(ready, mutex) }
            let batch = jobs
            jobs.removeAll(keepingCapacity: true)
            let last = stopped && batch.isEmpty
            unsafe pthread_mutex_unlock(mutex)
            if last { return }
            for job in batch { unsafe job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }
}
