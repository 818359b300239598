/// The OpenAPI 3.1 documents of the services, as bytes of YAML.
package enum OpenAPIDocument {
    package static let authentication = PackageResources.authentication_yaml
    package static let mandateRegistry = PackageResources.mandate_registry_yaml
    package static let profileResolution = PackageResources.profile_resolution_yaml
    package static let organisationRights = PackageResources.organisation_rights_yaml
    /// portal-service.
    package static let portal = PackageResources.portal_yaml
}
