package enum OrganisationRightsEventsPlaceholder {}
