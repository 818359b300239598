package enum OrganisationRightsHTTPPlaceholder {}
