package import ContractCore

extension OpenAPIDocument {
    /// The document of profile-resolution-service.
    package static let profileResolution = PackageResources.profile_resolution_yaml
}
