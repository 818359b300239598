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
    /// Forgotten here, and not yet by the server.
    private var leaving: [String] = []
    private var uses: UInt64 = 0
    private var names: UInt64 = 0
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Number of statements that the server keeps for this connection.
    var count: Int { entries.count + leaving.count }

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

    /// Forgets a statement that the server does not keep any more.
    mutating func remove(_ key: Key) {
        entries[key] = nil
    }

    /// Forgets a statement that the server still keeps.
    mutating func retire(_ key: Key) {
        if let entry = entries.removeValue(forKey: key) { leaving.append(entry.name) }
    }

    /// Forgets the least recently used statements above the capacity; answers names for the server to forget.
    ///
    /// At most so many as one batch may carry; a name is answered again until it is `released`.
    mutating func evict() -> ArraySlice<String> {
        while entries.count > capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            retire(oldest.key)
        }
        return leaving.prefix(Self.releasesPerBatch)
    }

    /// The server has forgotten a statement.
    mutating func released(_ name: String) {
        leaving.removeAll { $0 == name }
    }

    private static let releasesPerBatch = 16
}
