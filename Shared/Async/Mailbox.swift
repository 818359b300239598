import Glibc

/// A queue between tasks and one thread, which blocks while it is empty.
///
/// `@unchecked Sendable`: `items` is touched only with `mutex` held; the pointers are `let`, and both
/// POSIX objects lie at fixed addresses until deinit, which runs when neither the thread nor a sender has the box any
/// more. Items are Sendable themselves.
package final class Mailbox<Item: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let filled = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var items: [Item] = []

    /// A queue with nothing in it.
    package init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(filled, nil)
    }

    deinit {
        pthread_cond_destroy(filled)
        pthread_mutex_destroy(mutex)
        filled.deallocate()
        mutex.deallocate()
    }

    /// Adds an item, and wakes the thread.
    package func put(_ item: Item) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        items.append(item)
        pthread_cond_signal(filled)
    }

    /// Takes the first item; blocks the calling thread until there is one.
    package func take() -> Item {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        wait()
        return items.removeFirst()
    }

    /// Takes all items that there are; blocks the calling thread until there is one, unless it should not wait.
    package func takeAll(waiting: Bool = true) -> [Item] {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if waiting { wait() }
        defer { items.removeAll(keepingCapacity: true) }
        return items
    }

    /// Waits with the mutex held, which others get meanwhile.
    ///
    /// So `items` is looked at anew each time: one access that lasted over the wait would be an exclusive one, and the
    /// optimising compiler would never see what another thread adds.
    private func wait() {
        while items.isEmpty { pthread_cond_wait(filled, mutex) }
    }
}
