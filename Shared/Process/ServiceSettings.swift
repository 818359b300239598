package import Settings

/// All that a service reads from its configuration.
package struct ServiceSettings<Subject: ToegangService>: Sendable {
    /// The keys that all services have.
    package let common: CommonConfiguration
    /// The service's own.
    package let own: Subject.Config

    /// What can be used and may not do what is meant.
    package var warnings: [ConfigurationProblem] { Subject.warnings(own, common) }

    /// Reads everything; the problems of both parts come together.
    ///
    /// - Parameter serving: Whether it is for `serve`, which sends and reads events; other commands need no keys for that.
    package init(_ source: ConfigurationSource, serving: Bool = true) throws(ConfigurationProblems) {
        var problems: [ConfigurationProblem] = []
        // The owner's keys are for `migrate`; one file may serve both commands, so they are known here.
        for key in ["owner.user", "owner.passwordFile"] { _ = source.reader.optionalText(key) }
        var common: CommonConfiguration?
        do throws(ConfigurationProblems) {
            common = try CommonConfiguration(
                source.reader, name: Subject.name, schema: Subject.schema, needsClientKey: Subject.needsClientKey,
                needsEventKeys: serving && Subject.takesPartInEvents)
        } catch {
            problems += error.problems
        }
        var own: Subject.Config?
        do {
            own = try Subject.readConfig(source.reader)
        } catch let problem as ConfigurationProblem {
            problems.append(problem)
        } catch let several as ConfigurationProblems {
            problems += several.problems
        } catch {
            problems.append(ConfigurationProblem(Subject.name, "\(error)"))
        }
        guard let common, let own else { throw ConfigurationProblems(problems: problems) }
        self.common = common
        self.own = own
    }
}
