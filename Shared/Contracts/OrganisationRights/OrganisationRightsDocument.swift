package import ContractCore

extension OpenAPIDocument {
    /// The document of organisation-rights-service.
    package static let organisationRights = PackageResources.organisation_rights_yaml
}
