package enum MandateRegistryHTTPPlaceholder {}
