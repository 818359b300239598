package enum PortalApplicationPlaceholder {}
