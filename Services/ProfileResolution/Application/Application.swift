package enum ProfileResolutionApplicationPlaceholder {}
