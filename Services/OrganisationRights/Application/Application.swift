package enum OrganisationRightsApplicationPlaceholder {}
