package enum OrganisationRightsDomainPlaceholder {}
