package enum AuthenticationHTTPPlaceholder {}
