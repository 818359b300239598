package import Settings

/// What `check-config` says about a configuration.
package struct ConfigurationReport: Sendable {
    private let service: String
    private let problems: [ConfigurationProblem]

    /// A report of known problems.
    package init(service: String, problems: [ConfigurationProblem]) {
        self.service = service
        self.problems = problems
    }

    /// Reads all that a service would read, and collects what is wrong.
    package init<Subject: ToegangService>(checking: Subject.Type, _ source: ConfigurationSource) {
        var problems: [ConfigurationProblem] = []
        do throws(ConfigurationProblems) {
            _ = try ServiceSettings<Subject>(source)
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
        self.init(service: Subject.name, problems: problems)
    }

    /// Whether the service would start with it.
    package var isUsable: Bool { problems.isEmpty }

    /// The report, for a person.
    package var text: String {
        guard !problems.isEmpty else { return "The configuration of \(service) can be used." }
        let lines = problems.map { "  \($0)" }.joined(separator: "\n")
        let count = problems.count == 1 ? "one problem" : "\(problems.count) problems"
        return "The configuration of \(service) has \(count):\n\(lines)"
    }
}
