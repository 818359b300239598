package import Configuration
package import Keys
package import Pages
package import Settings

/// What profile-resolution-service reads beside the keys that all services have.
package struct ProfileResolutionConfig: Sendable {
    /// Where mandate-registry-service is reached, which says whether a dossier context holds.
    package let mandateRegistryURL: String
    /// The key of the tokens in the picker's form; the same for all instances.
    package let formKey: HMACKey
    /// The keys under which delivered names are kept, as `<id>=<path>`; the first one seals, all open: `names.sealing`.
    package let nameKey: SealingKey
    /// The codes of functions that somebody who is no care provider may have in an institution or grouping.
    package let functions: Set<String>
    /// In how many days from the visum a dossier is set up at the latest: `dossiers.setUpDays`; 0 says nothing.
    package let setUpDays: Int?
    /// `productName.nl`, `.fr`, `.de` and `.en`: what the portal is called.
    package let product: ProductName
    package let serviceCenterPhone: String?
    package let serviceCenterEmail: String?

    package init(
        mandateRegistryURL: String, formKey: HMACKey, nameKey: SealingKey,
        functions: Set<String> = defaultFunctions, setUpDays: Int? = nil, product: ProductName = .standard,
        serviceCenterPhone: String? = nil, serviceCenterEmail: String? = nil
    ) {
        self.mandateRegistryURL = mandateRegistryURL
        self.formKey = formKey
        self.nameKey = nameKey
        self.functions = functions
        self.setUpDays = setUpDays
        self.product = product
        self.serviceCenterPhone = serviceCenterPhone
        self.serviceCenterEmail = serviceCenterEmail
    }

    /// Director, counsellor, person in charge, and who looks after the eHealth certificate.
    package static let defaultFunctions: Set<String> = [
        "director", "counsellor", "person-in-charge", "ehealth-certificate-manager",
    ]

    /// Reads the keys; `README.md` of the service explains each.
    ///
    /// - Throws: All that is wrong with them.
    package init(_ reader: ConfigReader) throws(ConfigurationProblems) {
        var collector = ProblemCollector()
        mandateRegistryURL = collector.webAddress(reader, "mandateRegistryUrl")
        let formKey = collector.value { () throws(ConfigurationProblem) in try reader.hmacKey("formKeyFile") }
        let nameKey = collector.value { () throws(ConfigurationProblem) in try reader.sealingRing("names.sealing") }
        functions = collector.value([]) { () throws(ConfigurationProblem) in
            let codes = reader.texts("functions")
            guard codes.allSatisfy(Self.isCode) else {
                throw ConfigurationProblem("functions", "must hold codes of lower-case words joined by hyphens")
            }
            return codes.isEmpty ? Self.defaultFunctions : Set(codes)
        }
        let setUpDays = collector.integer(reader, "dossiers.setUpDays", default: 0, in: 0...365)
        self.setUpDays = setUpDays == 0 ? nil : setUpDays
        product = collector.value(.standard) { () throws(ConfigurationProblem) in try ProductName(reader) }
        try collector.finish()
        guard let formKey, let nameKey else { throw collector.failure }
        self.formKey = formKey
        self.nameKey = nameKey
        serviceCenterPhone = reader.optionalText("serviceCenter.phone")
        serviceCenterEmail = reader.optionalText("serviceCenter.email")
    }

    private static func isCode(_ text: String) -> Bool {
        text.utf8.count <= 64
            && text.split(separator: "-", omittingEmptySubsequences: false).allSatisfy { word in
                !word.isEmpty && word.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
            }
    }
}
