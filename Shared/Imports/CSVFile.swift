import Glibc

/// Reads the records of a CSV file from disk, a block at a time.
///
/// It blocks while it reads; that is for the `import` command, whose process has nothing else to do meanwhile.
package struct CSVFile: ~Copyable {
    private static let blockSize = 64 * 1024
    private let descriptor: Int32
    private var parser = CSVParser()
    private var block: [UInt8] = []
    private var position = 0
    private var ended = false
    private var lastLine = 1

    /// Opens a file.
    package init(path: String) throws(CSVError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotOpen(path: path) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// The next record; nil at the end of the file.
    package mutating func next() throws(CSVError) -> CSVRecord? {
        while !ended {
            while position < block.count {
                let byte = block[position]
                position += 1
                if let record = try parser.take(byte) {
                    lastLine = record.line
                    return record
                }
            }
            try fill()
        }
        defer { parser = CSVParser() }
        return try parser.finish()
    }

    private mutating func fill() throws(CSVError) {
        position = 0
        let descriptor = descriptor
        var count = 0
        block = [UInt8](unsafeUninitializedCapacity: Self.blockSize) { buffer, initialized in
            repeat { count = read(descriptor, buffer.baseAddress, buffer.count) } while count < 0 && errno == EINTR
            initialized = max(0, count)
        }
        guard count >= 0 else { throw .readFailed(line: lastLine) }
        ended = count == 0
    }
}
