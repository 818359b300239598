package import Postgres

/// The service's own tables.
package enum OrganisationRightsSchema {
    /// The migrations of component "organisation-rights".
    package static let migrations: [Migration] = [
        Migration(
            component: "organisation-rights", file: "V0001__create_organisation",
            sql: PackageResources.V0001__create_organisation_sql),
        Migration(
            component: "organisation-rights", file: "V0002__create_granted_right",
            sql: PackageResources.V0002__create_granted_right_sql),
        Migration(
            component: "organisation-rights", file: "V0003__create_waiting_right",
            sql: PackageResources.V0003__create_waiting_right_sql),
        Migration(
            component: "organisation-rights", file: "V0004__create_waiting_appointment",
            sql: PackageResources.V0004__create_waiting_appointment_sql),
    ]
}
