package import Vocabulary

/// The six digits a mobile app shows, as somebody typed them.
package struct AppCode: Hashable, Sendable {
    /// The number, 0 to 999 999.
    package let value: UInt32

    /// Reads six digits; blanks and dashes of every kind between them are dropped, since apps show the code as two
    /// groups of three and what is copied brings the blank along.
    package init?(_ text: String) {
        guard text.utf8.count <= AppCode.maximumLength else { return nil }
        var digits: [UInt32] = []
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .spaceSeparator, .dashPunctuation, .format: continue
            default: break
            }
            switch scalar {
            case "0"..."9": digits.append(scalar.value - 0x30)
            // The digits of East Asian keyboards.
            case "\u{FF10}"..."\u{FF19}": digits.append(scalar.value - 0xFF10)
            case "\t", "\n", "\r", "\u{2212}": continue
            default: return nil
            }
        }
        guard digits.count == 6 else { return nil }
        value = digits.reduce(0) { $0 * 10 + $1 }
    }

    /// The longest text that can be a code, in bytes.
    package static let maximumLength = 64

    package init(value: UInt32) {
        self.value = value % 1_000_000
    }
}

/// The HMAC-SHA-1 of a message under an account's secret: the one piece of cryptography this rule needs from outside.
package typealias MessageDigest = (_ message: [UInt8]) -> [UInt8]

/// The rule of a mobile app's codes: RFC 6238 over RFC 4226, SHA-1, six digits.
package struct AppCodeRule: Sendable {
    /// The seconds one code lasts.
    package let stepSeconds: Int64
    /// How many steps the clocks of telephone and server may differ, each way.
    package let tolerance: Int64

    package init(stepSeconds: Int64 = 30, tolerance: Int64 = 1) {
        self.stepSeconds = stepSeconds
        self.tolerance = tolerance
    }

    /// The number of the step at a time.
    package func step(at time: Instant) -> Int64 {
        time.secondsSinceEpoch / stepSeconds
    }

    /// The code of a step (RFC 4226 section 5.3: dynamic truncation of the digest).
    package static func code(step: Int64, digest: MessageDigest) -> AppCode {
        let mac = digest(counterBytes(step))
        guard mac.count >= 20 else { return AppCode(value: 0) }
        let offset = Int(mac[mac.count - 1] & 0x0f)
        let word = mac[offset..<(offset + 4)].reduce(UInt32(0)) { ($0 << 8) | UInt32($1) }
        return AppCode(value: (word & 0x7fff_ffff) % 1_000_000)
    }

    /// The step whose code was typed, within the tolerance and after the last step that this account used.
    ///
    /// Every step of the window is computed, whatever fits, so that the time taken tells nothing.
    /// - Parameter lastUsed: the step of the last code that was accepted; it and all before it are refused.
    /// - Returns: `nil` when no acceptable step has this code.
    package func acceptedStep(
        of code: AppCode, at time: Instant, lastUsed: Int64?, digest: MessageDigest
    ) -> Int64? {
        let current = step(at: time)
        var accepted: Int64?
        for candidate in (current - tolerance)...(current + tolerance) {
            let fits = AppCodeRule.code(step: candidate, digest: digest).value ^ code.value == 0
            let unused = lastUsed.map { candidate > $0 } ?? true
            if fits && unused && candidate >= 0 { accepted = candidate }
        }
        return accepted
    }

    private static func counterBytes(_ step: Int64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: step >> (56 - 8 * Int64($0))) }
    }
}
