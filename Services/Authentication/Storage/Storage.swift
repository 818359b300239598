package enum AuthenticationStoragePlaceholder {}
