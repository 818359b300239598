package enum PortalHTTPPlaceholder {}
