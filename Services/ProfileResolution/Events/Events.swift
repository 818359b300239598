package enum ProfileResolutionEventsPlaceholder {}
