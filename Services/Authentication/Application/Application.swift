package enum AuthenticationApplicationPlaceholder {}
