package enum AuthenticationDomainPlaceholder {}
