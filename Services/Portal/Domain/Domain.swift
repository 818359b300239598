package enum PortalDomainPlaceholder {}
