/// Numbers as somebody writes them who wants to stop a process, or knows no better.
///
/// Every place that reads a number from outside is tried with all of them: a trap ends the test's process.
package enum HostileNumbers {
    /// Whole numbers that fit, with the ends of the range and what lies beside them and beside smaller types' ends.
    package static let integers: [Int64] = [
        .min, .min + 1, .max, .max - 1, .max - 30, .max / 1_000_000, .max / 1_000_000 + 1, .min / 1_000_000 - 1,
        -1, 0, 1, Int64(Int32.max), Int64(Int32.max) + 1, Int64(UInt32.max) + 1, 1 << 53, 1 << 62, -(1 << 62),
    ]

    /// JSON texts: all of those, and numbers that are no whole number or are none of ours.
    package static let texts: [String] =
        integers.map(String.init) + [
            "9223372036854775808", "-9223372036854775809", "18446744073709551616", "0.5", "-0.5", "1.0", "-0",
            "1e18", "1e19", "1e300", "-1e300", "1e-300", "123456789012345678901234567890",
        ]

    /// The text with each number of it replaced in turn by each of `texts`.
    ///
    /// - Parameter json: a JSON text; numbers that stand within texts, such as an event's `sequence`, count as well.
    package static func variants(of json: String) -> [String] {
        json.matches(of: /[:\[,"\s](-?[0-9]+)(?=[,}\]"\s])/).flatMap { match in
            texts.map { json.replacingCharacters(match.output.1.startIndex..<match.output.1.endIndex, with: $0) }
        }
    }
}

extension String {
    fileprivate func replacingCharacters(_ range: Range<String.Index>, with text: String) -> String {
        var copy = self
        copy.replaceSubrange(range, with: text)
        return copy
    }
}
