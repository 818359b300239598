// The portal publishes no events and follows none: what it shows it asks of the services that own it, and whether a
// person may still see it is decided by them at each request.
