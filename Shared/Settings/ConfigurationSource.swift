package import Configuration
import Synchronization

/// A configuration file under the environment: `TOEGANG_DATABASE_HOST` goes before `database.host`.
package struct ConfigurationSource: Sendable {
    /// What the values are read with.
    package let reader: ConfigReader
    private let file: ConfigurationFile
    private let accesses: AccessedKeys

    /// The file at `path`, or none, and an environment.
    package init(path: String?, environment: [String: String]) throws(ConfigurationProblem) {
        let file = if let path { try ConfigurationFile(path: path) } else { ConfigurationFile.empty }
        self.init(file: file, environment: environment)
    }

    /// A file that was read already, and an environment.
    package init(file: ConfigurationFile, environment: [String: String]) {
        self.file = file
        accesses = AccessedKeys()
        let variables = EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "toegang")
        reader = ConfigReader(providers: [variables, file.provider], accessReporter: accesses)
    }

    /// The keys of the file that nothing read: typing errors mostly.
    ///
    /// Ask after the configuration was read.
    package var unreadKeys: [String] {
        let read = accesses.all
        return file.keys.filter { key in
            !read.contains(key)
                && !read.contains { $0.hasSuffix(documentSuffix) && key.isAt($0.dropLast(documentSuffix.count)) }
        }.sorted()
    }

    private var documentSuffix: String { "." + ConfigurationFile.documentComponent }
}

extension String {
    /// Whether the key is the document itself or lies in it.
    fileprivate func isAt(_ document: Substring) -> Bool {
        self == document || hasPrefix(document + ".")
    }
}

/// Remembers which keys were asked for.
private final class AccessedKeys: AccessReporter, Sendable {
    private let keys = Mutex<Set<String>>([])

    var all: Set<String> { keys.withLock { $0 } }

    func report(_ event: AccessEvent) {
        let key = event.metadata.key.components.joined(separator: ".")
        keys.withLock { _ = $0.insert(key) }
    }
}
