package enum MandateRegistryStoragePlaceholder {}
