/// The statements that one connection has prepared, by their text and the types of their binds; the least recently
/// used one makes room.
struct StatementCache {
    struct Key: Hashable {
        let text: String
        let types: [UInt32]
    }

    private struct Entry {
        let name: String
        var lastUse: UInt64
    }

    private var entries: [Key: Entry] = [:]
    private var uses: UInt64 = 0
    private var names: UInt64 = 0
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Number of prepared statements.
    var count: Int { entries.count }

    /// The name under which a statement is prepared.
    mutating func name(for key: Key) -> String? {
        uses += 1
        guard let entry = entries[key] else { return nil }
        entries[key]?.lastUse = uses
        return entry.name
    }

    /// A name that no statement of this connection has had.
    mutating func freshName() -> String {
        names += 1
        return "s\(names)"
    }

    /// Remembers a statement that the server has prepared.
    mutating func insert(_ key: Key, name: String) {
        uses += 1
        entries[key] = Entry(name: name, lastUse: uses)
    }

    /// Forgets a statement, whose name the caller then deallocates.
    mutating func remove(_ key: Key) -> String? {
        entries.removeValue(forKey: key)?.name
    }

    /// Forgets the least recently used statements above the capacity; answers their names.
    mutating func evict() -> [String] {
        var evicted: [String] = []
        while entries.count > capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            entries[oldest.key] = nil
            evicted.append(oldest.value.name)
        }
        return evicted
    }
}
