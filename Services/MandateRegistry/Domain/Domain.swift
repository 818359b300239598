package enum MandateRegistryDomainPlaceholder {}
