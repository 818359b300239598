package enum AuthenticationEventsPlaceholder {}
