package import ContractCore

extension OpenAPIDocument {
    /// The document of authentication-service.
    package static let authentication = PackageResources.authentication_yaml
}
