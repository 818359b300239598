package import Configuration
import FoundationEssentials
import FoundationInternationalization
package import Vocabulary

extension ConfigReader {
    /// The civil time of a zone by its name in the time zone database, such as `Europe/Brussels`.
    package func civilTime(_ key: String, default fallback: String) throws(ConfigurationProblem) -> CivilTime {
        let name = text(key, default: fallback)
        // Abbreviations such as CET are fixed distances on some systems: a summer would pass unnoticed.
        guard name == "UTC" || name.contains("/"), let zone = TimeZone(identifier: name) else {
            throw ConfigurationProblem(
                key, "must be the name of a time zone such as Europe/Brussels, and is \"\(name)\"")
        }
        return CivilTime { instant in
            zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.microseconds) / 1_000_000))
        }
    }
}
