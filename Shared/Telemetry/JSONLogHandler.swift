package import Logging
package import Vocabulary

/// Writes each log event as one line of JSON, without what `Redaction` takes out.
///
/// Keys: `time`, `level`, `service`, `logger` when another part speaks, `message`, and the metadata under its own names.
package struct JSONLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level
    private let service: String
    private let label: String
    private let now: @Sendable () -> Instant
    private let write: @Sendable (String) -> Void

    /// A handler.
    ///
    /// - Parameters:
    ///   - service: The name of the process's service.
    ///   - label: The logger's own label.
    ///   - level: From which level on events are written.
    ///   - now: The clock.
    ///   - write: Takes one line, without a line break.
    package init(
        service: String, label: String, level: Logger.Level, now: @escaping @Sendable () -> Instant,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.service = service
        self.label = label
        logLevel = level
        self.now = now
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var line = JSONLine()
        line.add("time", "\(now())")
        line.add("level", event.level.rawValue)
        line.add("service", service)
        if label != service { line.add("logger", label) }
        line.add("message", Redaction.redact("\(event.message)"))
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        if let error = event.error { all["error"] = "\(error)" }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            // The fixed keys come first and once; a metadata key of the same name is told apart.
            let key = JSONLine.fixedKeys.contains(key) ? "metadata.\(key)" : key
            line.add(key, Redaction.isSecret(key: key) ? "[redacted]" : Self.text(value))
        }
        write(line.finished)
    }

    private static func text(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): Redaction.redact(text)
        case .stringConvertible(let value): Redaction.redact("\(value)")
        case .array(let values): "[" + values.map { text($0) }.joined(separator: ", ") + "]"
        case .dictionary(let values):
            "{"
                + values.sorted { $0.key < $1.key }.map { key, value in
                    "\(key): \(Redaction.isSecret(key: key) ? "[redacted]" : text(value))"
                }.joined(separator: ", ") + "}"
        }
    }
}

/// Builds a flat JSON object of texts.
private struct JSONLine {
    static let fixedKeys: Set<String> = ["time", "level", "service", "logger", "message"]
    /// A line is cut where a reader's buffer would be; the reflection of an error can be very long.
    private static let longestValue = 8192
    private var text = "{"

    mutating func add(_ key: String, _ value: String) {
        if text.utf8.count > 1 { text += "," }
        append(key)
        text += ":"
        append(value.utf8.count > Self.longestValue ? String(value.prefix(Self.longestValue / 4)) + "…" : value)
    }

    var finished: String { text + "}" }

    private mutating func append(_ value: String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..."\u{1F}", "\u{7F}":
                let hex = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
