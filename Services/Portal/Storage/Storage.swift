package enum PortalStoragePlaceholder {}
