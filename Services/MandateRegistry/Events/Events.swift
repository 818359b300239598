package enum MandateRegistryEventsPlaceholder {}
