/// The W3C trace context of a request or an event: the `traceparent` header, version 00.
package struct TraceContext: Sendable, Hashable, Codable {
    /// 32 lower-case hexadecimal digits, not all zero.
    package let traceID: String
    /// 16 lower-case hexadecimal digits, not all zero.
    package let spanID: String
    package let sampled: Bool

    /// Makes a context from parts.
    ///
    /// - Parameters:
    ///   - high: The high half of the trace id.
    ///   - low: The low half of the trace id; a random, non-zero number.
    ///   - span: A random, non-zero number.
    ///   - sampled: Whether the caller records the trace.
    package init(high: UInt64, low: UInt64, span: UInt64, sampled: Bool) {
        self.traceID = Self.hexadecimal(high) + Self.hexadecimal(low == 0 ? 1 : low)
        self.spanID = Self.hexadecimal(span == 0 ? 1 : span)
        self.sampled = sampled
    }

    /// Reads a `traceparent` header; nil for anything that is not well formed.
    package init?(header: String) {
        let parts = header.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "00",
            Self.isID(parts[1], digits: 32), Self.isID(parts[2], digits: 16),
            parts[3].utf8.count == 2, let flags = UInt8(parts[3], radix: 16)
        else { return nil }
        self.traceID = String(parts[1])
        self.spanID = String(parts[2])
        self.sampled = flags & 1 == 1
    }

    /// The value of the `traceparent` header.
    package var header: String { "00-\(traceID)-\(spanID)-\(sampled ? "01" : "00")" }

    /// The same trace with another span, for a step below this one.
    package func child(span: UInt64) -> TraceContext {
        TraceContext(traceID: traceID, spanID: Self.hexadecimal(span == 0 ? 1 : span), sampled: sampled)
    }

    private init(traceID: String, spanID: String, sampled: Bool) {
        self.traceID = traceID
        self.spanID = spanID
        self.sampled = sampled
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let context = TraceContext(header: text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a traceparent"))
        }
        self = context
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(header)
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    private static func isID(_ text: Substring, digits: Int) -> Bool {
        text.utf8.count == digits
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
            && text.utf8.contains { $0 != 0x30 }
    }
}
