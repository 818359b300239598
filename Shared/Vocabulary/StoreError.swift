/// An error of where facts are kept, as those who answer callers need to know it.
///
/// It stands here so that what answers HTTP need not link the database's library.
package protocol StoreError: Error {
    /// What the store could not do at this moment; nil where the error is a defect or a rule that refused.
    var trouble: StoreTrouble? { get }
    /// What was to be written does not fit: a value that the store cannot hold, or a rule that it breaks.
    var isAboutData: Bool { get }
}

/// Why a store did not do what it was asked, without fault of the asker.
package enum StoreTrouble: Sendable, Hashable {
    /// It cannot be used at present; nothing was done.
    case unavailable
    /// It did not say whether it was done.
    case outcomeUnknown
    /// The asker was cut off; nothing was done.
    case cancelled
    /// It ran longer than it may; nothing was done.
    case tookTooLong
    /// Others are changing the same; nothing was done.
    case contended

    /// Nothing was done because of others, and the same may succeed a moment later.
    package var mayPass: Bool { self == .tookTooLong || self == .contended }
}
