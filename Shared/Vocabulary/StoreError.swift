/// An error of where facts are kept, as those who answer callers need to know it.
///
/// It stands here so that what answers HTTP need not link the database's library.
package protocol StoreError: Error {
    /// Whether the store could not be reached, so that trying again may help.
    var isUnavailable: Bool { get }
}
