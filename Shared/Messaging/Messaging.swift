/// Placeholder until the module is written.
package enum MessagingPlaceholder {}
