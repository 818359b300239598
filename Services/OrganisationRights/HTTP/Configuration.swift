package import Configuration
package import Keys
package import OrganisationRightsDomain
package import Settings
import Vocabulary

/// What organisation-rights-service reads beside the keys that all services have.
package struct OrganisationRightsConfiguration: Sendable {
    /// Key `roles`: the roles that can be given, an array of `{"code", "name": {"nl", "fr", "de", "en"}}`.
    ///
    /// Without it, `mandate-executor` and `member`.
    package let catalogue: RoleCatalogue
    /// `names.sealing`: the keys under which typed names are kept, as `<id>=<path>`; the first one seals, all open.
    package let nameKey: SealingKey

    /// A configuration from its parts.
    package init(catalogue: RoleCatalogue = .standard, nameKey: SealingKey) {
        self.catalogue = catalogue
        self.nameKey = nameKey
    }

    /// Reads the keys; throws all that is wrong with them.
    package init(_ reader: ConfigReader) throws(ConfigurationProblems) {
        var collector = ProblemCollector()
        catalogue = collector.value(.standard) { () throws(ConfigurationProblem) in
            try RoleCatalogue.read(try reader.document("roles", as: [ConfiguredRole].self))
        }
        let nameKey = collector.value { () throws(ConfigurationProblem) in try reader.sealingRing("names.sealing") }
        try collector.finish()
        guard let nameKey else { throw collector.failure }
        self.nameKey = nameKey
    }
}

/// A role as the configuration file has it.
struct ConfiguredRole: Decodable {
    struct Names: Decodable {
        let nl: String
        let fr: String
        let de: String
        let en: String
    }

    let code: String
    let name: Names
}

extension RoleCatalogue {
    /// The catalogue of the configuration.
    static func read(_ roles: [ConfiguredRole]?) throws(ConfigurationProblem) -> RoleCatalogue {
        guard let roles else { return .standard }
        for role in roles where !role.code.isRoleCode {
            throw ConfigurationProblem(
                "roles", "has a code that is not 1 to 64 lower-case letters, digits and hyphens")
        }
        let catalogue = RoleCatalogue(
            roles.map { role in
                RightRole(
                    code: role.code,
                    name: LocalisedName(nl: role.name.nl, fr: role.name.fr, de: role.name.de, en: role.name.en))
            })
        guard let catalogue else { throw ConfigurationProblem("roles", "is empty or has a code twice") }
        return catalogue
    }
}

extension String {
    fileprivate var isRoleCode: Bool {
        (1...64).contains(utf8.count)
            && utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
