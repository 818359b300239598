package enum ProfileResolutionStoragePlaceholder {}
