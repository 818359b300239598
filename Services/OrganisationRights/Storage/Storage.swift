package enum OrganisationRightsStoragePlaceholder {}
