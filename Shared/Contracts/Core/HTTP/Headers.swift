/// Names of the headers that are ours, and of the API names that access tokens are for.
package enum ToegangHeader {
    /// Where a write stands in its source's events: `<source>:<partition>:<sequence>`, several separated by commas.
    package static let position = "Toegang-Position"
    /// What a reader must have seen before it answers; the value of an earlier `Toegang-Position`.
    package static let after = "Toegang-After"
    /// The handle of the browser tab that a dossier context is bound to.
    package static let tab = "Toegang-Tab"
}
