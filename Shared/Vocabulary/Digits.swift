extension UInt8 {
    /// Whether this byte is one of the ASCII digits.
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}

extension Int64 {
    /// Quotient and remainder of a division that rounds towards negative infinity.
    func floored(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension Int {
    /// Reads exactly `count` ASCII digits; nothing for any other bytes.
    init?(digits bytes: some Collection<UInt8>, count: Int) {
        guard bytes.count == count, count > 0, count <= 18, bytes.allSatisfy(\.isDigit) else { return nil }
        self = bytes.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    /// The decimal text, filled up with zeros at the left.
    func padded(to width: Int) -> String {
        let text = String(self)
        return String(repeating: "0", count: Swift.max(0, width - text.utf8.count)) + text
    }
}

/// The digits of a number as people write it, without the separators that its print format uses.
///
/// - Returns: nothing where another character stands in it, or where it is absurdly long.
func compactDigits(_ text: String, separators: String) -> [UInt8]? {
    guard text.utf8.count <= 64 else { return nil }
    let bytes = text.utf8.filter { !separators.utf8.contains($0) }
    return bytes.allSatisfy(\.isDigit) ? bytes : nil
}
