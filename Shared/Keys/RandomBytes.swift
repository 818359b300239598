package import FoundationEssentials

/// Where unpredictable bytes come from: a value that is handed in, so that a test can name the bytes it wants.
package struct RandomBytes: Sendable {
    private let fill: @Sendable (Int) -> [UInt8]

    /// A source that answers with what `fill` makes of the wanted count.
    package init(_ fill: @escaping @Sendable (_ count: Int) -> [UInt8]) {
        self.fill = fill
    }

    /// The operating system's source.
    ///
    /// Each word is a system call, and each request wants several: a byte is not worth one.
    package static let system = RandomBytes { count in
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 7)
        while bytes.count < count {
            let word: UInt64 = generator.next()
            for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// `count` bytes.
    package func callAsFunction(_ count: Int) -> [UInt8] {
        fill(count)
    }

    /// A token of 256 random bits as 43 characters of base64url.
    package func token() -> String {
        Base64URL.encode(fill(32))
    }

    /// A random id of version 4, for what must not be guessed: 122 random bits.
    package func id() -> UUID {
        let bytes = fill(16)
        return UUID(
            uuid: (
                bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6] & 0x0f | 0x40, bytes[7],
                bytes[8] & 0x3f | 0x80, bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
            ))
    }

    /// Two random words, as UUIDv7 wants them.
    package func words() -> (UInt64, UInt64) {
        let bytes = fill(16)
        let first = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let second = bytes.dropFirst(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return (first, second)
    }
}
