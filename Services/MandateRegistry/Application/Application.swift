package enum MandateRegistryApplicationPlaceholder {}
