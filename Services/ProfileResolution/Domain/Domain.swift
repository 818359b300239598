package enum ProfileResolutionDomainPlaceholder {}
