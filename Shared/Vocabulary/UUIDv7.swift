package import FoundationEssentials

/// Ids that sort by the time of their making (RFC 9562, section 5.7).
package enum UUIDv7 {
    /// Makes an id from a time and 128 random bits, of which 74 are used.
    package static func make(at time: Instant, random: (UInt64, UInt64)) -> UUID {
        let milliseconds = UInt64(max(0, time.microseconds.floored(by: 1000).quotient)) & 0xFFFF_FFFF_FFFF
        let high = milliseconds << 16 | 0x7000 | random.0 & 0x0FFF
        let low = 0x8000_0000_0000_0000 | random.1 & 0x3FFF_FFFF_FFFF_FFFF
        let byte = { (word: UInt64, index: Int) in UInt8(truncatingIfNeeded: word >> (56 - 8 * index)) }
        return UUID(
            uuid: (
                byte(high, 0), byte(high, 1), byte(high, 2), byte(high, 3), byte(high, 4), byte(high, 5),
                byte(high, 6), byte(high, 7), byte(low, 0), byte(low, 1), byte(low, 2), byte(low, 3), byte(low, 4),
                byte(low, 5), byte(low, 6), byte(low, 7)
            ))
    }

    /// When an id was made, to the millisecond; nothing for an id of another version.
    package static func instant(of id: UUID) -> Instant? {
        let bytes = id.uuid
        guard bytes.6 >> 4 == 7, bytes.8 >> 6 == 2 else { return nil }
        let milliseconds = [bytes.0, bytes.1, bytes.2, bytes.3, bytes.4, bytes.5].reduce(Int64(0)) {
            $0 << 8 | Int64($1)
        }
        return Instant(microseconds: milliseconds * 1000)
    }
}
