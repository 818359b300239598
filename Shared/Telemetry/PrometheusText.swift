/// The kind of a family, as its `TYPE` line has it.
package enum PrometheusKind: String, Sendable {
    case counter, gauge, histogram
}

/// A name with all its series.
package struct PrometheusFamily: Sendable {
    package let name: String
    package let kind: PrometheusKind
    package let series: [(labels: PrometheusLabels, reading: PrometheusReading)]
}

/// The labels of a series, in the order of their names.
package struct PrometheusLabels: Hashable, Sendable, Comparable {
    /// Names as the text format allows them, each once.
    package let pairs: [[String]]

    /// Labels from the dimensions of an instrument; of two with one name the first holds.
    package init(_ dimensions: [(String, String)]) {
        let byName = Dictionary(
            dimensions.map { (PrometheusText.labelName($0.0), $0.1) }, uniquingKeysWith: { first, _ in first })
        pairs = byName.map { [$0.key, $0.value] }.sorted { $0[0] < $1[0] }
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.pairs.lexicographicallyPrecedes(right.pairs) { $0.lexicographicallyPrecedes($1) }
    }
}

/// The text exposition format of Prometheus, version 0.0.4.
package enum PrometheusText {
    /// The content type of the format.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The families as text.
    package static func render(_ families: [PrometheusFamily]) -> String {
        var text = ""
        for family in families {
            text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
            for (labels, reading) in family.series { render(family.name, labels, reading, into: &text) }
        }
        return text
    }

    private static func render(
        _ name: String, _ labels: PrometheusLabels, _ reading: PrometheusReading, into text: inout String
    ) {
        switch reading {
        case .value(let value): text += "\(name)\(render(labels)) \(number(value))\n"
        case .histogram(let buckets, let sum, let count):
            for bucket in buckets {
                text += "\(name)_bucket\(render(labels, bound: number(bucket.bound))) \(bucket.count)\n"
            }
            text += "\(name)_bucket\(render(labels, bound: "+Inf")) \(count)\n"
            text += "\(name)_sum\(render(labels)) \(number(sum))\n"
            text += "\(name)_count\(render(labels)) \(count)\n"
        }
    }

    private static func render(_ labels: PrometheusLabels, bound: String? = nil) -> String {
        var parts = labels.pairs.map { "\($0[0])=\"\(escape($0[1]))\"" }
        if let bound { parts.append("le=\"\(bound)\"") }
        return parts.isEmpty ? "" : "{" + parts.joined(separator: ",") + "}"
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
    }

    private static func escape(_ value: String) -> String {
        var escaped = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    /// A metric name: letters, digits, `_` and `:`, not beginning with a digit.
    package static func name(_ label: String) -> String { sanitized(label, allowingColon: true) }

    /// A metric name that ends in `_total`, as a counter's does.
    package static func counterName(_ label: String) -> String {
        let name = name(label)
        return name.hasSuffix("_total") ? name : name + "_total"
    }

    /// A label name: letters, digits and `_`, not beginning with a digit or with the two underscores kept for
    /// Prometheus itself; `le` is kept for histograms.
    static func labelName(_ label: String) -> String {
        let name = sanitized(label, allowingColon: false)
        return name.hasPrefix("__") || name == "le" ? "label" + (name.hasPrefix("_") ? "" : "_") + name : name
    }

    private static func sanitized(_ label: String, allowingColon: Bool) -> String {
        var name = ""
        for character in label.unicodeScalars {
            switch character {
            case "a"..."z", "A"..."Z", "_": name.unicodeScalars.append(character)
            case "0"..."9":
                if name.isEmpty { name = "_" }
                name.unicodeScalars.append(character)
            case ":" where allowingColon: name.unicodeScalars.append(character)
            default: name += "_"
            }
        }
        return name.isEmpty ? "_" : name
    }
}
