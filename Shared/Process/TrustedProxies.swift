import FoundationEssentials
package import Settings
package import Vocabulary

extension CommonConfiguration {
    /// Warns of a service that answers beyond this machine and believes no proxy.
    ///
    /// Behind a proxy that is not named everybody is one source, so that one attacker makes all of them wait.
    package func warning(of trustedProxies: [NetworkRange]) -> [ConfigurationProblem] {
        guard trustedProxies.isEmpty, answersBeyondThisMachine else { return [] }
        return [
            ConfigurationProblem(
                "trustedProxies",
                """
                is empty, and the service answers at \(baseURL): if a proxy stands before it, name that, else all who \
                come through it count as one source; without a proxy nothing is amiss
                """)
        ]
    }

    private var answersBeyondThisMachine: Bool {
        !Loopback.has(host) || URL(string: baseURL)?.host().map(Loopback.has) != true
    }
}
