import Glibc

/// A queue between tasks and one thread, which blocks while it is empty.
///
/// `@unchecked Sendable`: `items` is touched in `locked` alone, so only with `mutex` held; the pointers are `let`, and both
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
        locked { items in
            items.append(item)
            pthread_cond_signal(filled)
        }
    }

    /// Takes the first item; blocks the calling thread until there is one.
    package func take() -> Item {
        locked { items in
            while items.isEmpty { pthread_cond_wait(filled, mutex) }
            return items.removeFirst()
        }
    }

    /// Takes all items that there are; blocks the calling thread until there is one, unless it should not wait.
    package func takeAll(waiting: Bool = true) -> [Item] {
        locked { items in
            while waiting && items.isEmpty { pthread_cond_wait(filled, mutex) }
            defer { items.removeAll(keepingCapacity: true) }
            return items
        }
    }

    private func locked<R>(_ body: (inout [Item]) -> R) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&items)
    }
}
