package import Configuration

/// Collects what is wrong with a configuration, so that whoever wrote it reads all of it at once.
///
/// ```swift
/// var collector = ProblemCollector()
/// let idle = collector.integer(reader, "session.idleMinutes", default: 20, in: 1...240)
/// let key = collector.value { () throws(ConfigurationProblem) in try reader.hmacKey("formKeyFile") }
/// try collector.finish()
/// ```
package struct ProblemCollector {
    private var problems: [ConfigurationProblem] = []

    package init() {}

    /// Notes a problem that was found elsewhere.
    package mutating func note(_ problem: ConfigurationProblem) { problems.append(problem) }

    /// The value, or `placeholder` once the problem is noted; placeholders never leave, since `finish` throws.
    package mutating func value<Value>(
        _ placeholder: Value, _ read: () throws(ConfigurationProblem) -> Value
    ) -> Value {
        do throws(ConfigurationProblem) {
            return try read()
        } catch {
            problems.append(error)
            return placeholder
        }
    }

    /// The value; nothing once the problem is noted, and then `finish` throws.
    package mutating func value<Value>(_ read: () throws(ConfigurationProblem) -> Value) -> Value? {
        do throws(ConfigurationProblem) {
            return try read()
        } catch {
            problems.append(error)
            return nil
        }
    }

    /// A whole number within a range, with a default.
    package mutating func integer(
        _ reader: ConfigReader, _ key: String, default fallback: Int, in range: ClosedRange<Int>
    ) -> Int {
        value(fallback) { () throws(ConfigurationProblem) in
            try reader.integer(key, default: fallback, in: range)
        }
    }

    /// The address of a web server.
    package mutating func webAddress(_ reader: ConfigReader, _ key: String) -> String {
        value("") { () throws(ConfigurationProblem) in try reader.webAddress(key) }
    }

    /// Throws all that was noted, if anything was.
    package func finish() throws(ConfigurationProblems) {
        guard problems.isEmpty else { throw failure }
    }

    /// What was noted, for whoever misses a value afterwards.
    package var failure: ConfigurationProblems { ConfigurationProblems(problems: problems) }
}
