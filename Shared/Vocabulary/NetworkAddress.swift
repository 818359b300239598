/// An address of the internet protocol, version 4 or 6.
///
/// An IPv4 address that is written as an IPv6 one (`::ffff:192.0.2.1`) is the IPv4 address.
package struct NetworkAddress: Hashable, Sendable {
    /// 4 or 16 bytes.
    package let bytes: [UInt8]

    /// Reads the text of an address; `nil` for everything else.
    ///
    /// A zone (`%eth0`) is dropped.
    package init?(_ text: String) {
        guard (2...64).contains(text.utf8.count) else { return nil }
        let text = text.prefix { $0 != "%" }
        if let four = Self.four(text) {
            bytes = four
        } else if let sixteen = Self.sixteen(text) {
            let isMapped = sixteen.starts(with: [UInt8](repeating: 0, count: 10) + [0xff, 0xff])
            bytes = isMapped ? Array(sixteen.suffix(4)) : sixteen
        } else {
            return nil
        }
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    package var isVersion4: Bool { bytes.count == 4 }

    /// The address with all but its first bits set to zero.
    package func network(bits: Int) -> NetworkAddress {
        NetworkAddress(
            bytes: bytes.enumerated().map { index, byte in
                let kept = min(8, max(0, bits - index * 8))
                return kept == 0 ? 0 : byte & ~((UInt8.max >> UInt8(kept - 1)) >> 1)
            })
    }

    private static func four(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let bytes = parts.compactMap { part -> UInt8? in
            // Some readers take a leading zero for octal; nobody means it.
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy(\.isDigit), part == "0" || part.first != "0"
            else { return nil }
            return UInt8(part)
        }
        return bytes.count == 4 ? bytes : nil
    }

    private static func sixteen(_ text: Substring) -> [UInt8]? {
        guard let gap = text.firstRange(of: "::") else {
            guard let bytes = groups(text), bytes.count == 16 else { return nil }
            return bytes
        }
        guard let head = groups(text[..<gap.lowerBound]), let tail = groups(text[gap.upperBound...]),
            head.count + tail.count <= 14
        else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// The bytes of groups between colons, of which the last may be an IPv4 address.
    private static func groups(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, let four = four(part) {
                bytes += four
            } else {
                guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                bytes += [UInt8(group >> 8), UInt8(group & 0xff)]
            }
        }
        return bytes.count <= 16 ? bytes : nil
    }
}

/// A range of addresses in CIDR form, such as `10.0.0.0/8` or `2001:db8::/32`; an address alone is a range of one.
package struct NetworkRange: Hashable, Sendable {
    private let network: NetworkAddress
    private let bits: Int

    /// Reads a range; `nil` for everything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = NetworkAddress(String(first)) else { return nil }
        let width = address.bytes.count * 8
        var bits = width
        if parts.count == 2 {
            // Of an IPv4 address that is written as an IPv6 one, nobody knows which bits are meant.
            guard parts[1].utf8.count <= 3, parts[1].utf8.allSatisfy(\.isDigit), let wanted = Int(parts[1]),
                (0...width).contains(wanted), address.isVersion4 != first.contains(":")
            else { return nil }
            bits = wanted
        }
        self.bits = bits
        network = address.network(bits: bits)
    }

    /// Whether an address lies in the range.
    package func contains(_ address: NetworkAddress) -> Bool {
        address.isVersion4 == network.isVersion4 && address.network(bits: bits) == network
    }
}
