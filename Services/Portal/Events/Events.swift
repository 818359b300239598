package enum PortalEventsPlaceholder {}
