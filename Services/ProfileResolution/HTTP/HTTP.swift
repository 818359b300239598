package enum ProfileResolutionHTTPPlaceholder {}
