package import ContractCore

extension OpenAPIDocument {
    /// The document of mandate-registry-service.
    package static let mandateRegistry = PackageResources.mandate_registry_yaml
}
