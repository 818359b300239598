package import ContractCore

extension OpenAPIDocument {
    /// The document of portal-service.
    package static let portal = PackageResources.portal_yaml
}
