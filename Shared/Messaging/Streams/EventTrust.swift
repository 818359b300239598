package import ContractCore
package import EventSignatures

/// By what a service proves what it sends, and whom it believes.
package struct EventTrust: Sendable {
    /// The installation: nothing of another one has an effect.
    package let environment: EnvironmentID
    /// The service's name, whose key it signs with.
    package let name: String
    /// Signs what it sends.
    package let signer: RecordSigner
    /// The public keys of all services.
    package let keys: PublicKeys

    /// Joins a service's name with its key and the keys of all.
    package init(environment: EnvironmentID, name: String, signer: RecordSigner, keys: PublicKeys) {
        self.environment = environment
        self.name = name
        self.signer = signer
        self.keys = keys
    }
}
