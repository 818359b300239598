package import Settings

/// What `check-config` says about a configuration.
package struct ConfigurationReport: Sendable {
    private let service: String
    private let problems: [ConfigurationProblem]
    private let warnings: [ConfigurationProblem]

    /// A report of known problems, and of what can be used and may not do what is meant.
    package init(service: String, problems: [ConfigurationProblem], warnings: [ConfigurationProblem] = []) {
        self.service = service
        self.problems = problems
        self.warnings = warnings
    }

    /// Reads all that a service would read, and collects what is wrong.
    package init<Subject: ToegangService>(checking: Subject.Type, _ source: ConfigurationSource) {
        var (problems, warnings): ([ConfigurationProblem], [ConfigurationProblem]) = ([], [])
        do throws(ConfigurationProblems) {
            warnings = try ServiceSettings<Subject>(source).warnings
        } catch {
            problems += error.problems
        }
        // The owner's keys are for `migrate`, which may run elsewhere; half of them is a mistake.
        if source.reader.optionalText("owner.user") != nil || source.reader.optionalText("owner.passwordFile") != nil {
            do throws(ConfigurationProblems) {
                _ = try CommonConfiguration.owner(source.reader, name: Subject.name, schema: Subject.schema)
            } catch {
                problems += error.problems.filter { !problems.contains($0) }
            }
        }
        problems += source.unreadKeys.map { ConfigurationProblem($0, "is not a key of this service") }
        self.init(service: Subject.name, problems: problems, warnings: warnings)
    }

    /// Whether the service would start with it.
    package var isUsable: Bool { problems.isEmpty }

    /// The report, for a person.
    package var text: String {
        let verdict = problems.isEmpty ? "The configuration of \(service) can be used." : list(problems, "problem")
        return warnings.isEmpty ? verdict : verdict + "\n" + list(warnings, "warning")
    }

    private func list(_ items: [ConfigurationProblem], _ what: String) -> String {
        let count = items.count == 1 ? "one \(what)" : "\(items.count) \(what)s"
        return "The configuration of \(service) has \(count):\n" + items.map { "  \($0)" }.joined(separator: "\n")
    }
}
