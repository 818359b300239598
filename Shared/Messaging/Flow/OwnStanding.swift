/// Whether a service may decide by what its own database says.
///
/// A database that was put back to a backup has what was ended since as if it were in force. So nothing is decided by it
/// before it was compared, once since the start, with what this service told others, and nothing while it is corrected.
/// A broker that is away keeps a start waiting for a while only: it must not keep everybody out.
package struct OwnStanding: Sendable {
    /// How it stands at a moment.
    package enum Answer: Hashable, Sendable {
        /// The log was not compared yet, or the database did not answer yet.
        case looking
        /// Others were told more than the database knows, and it is not corrected yet.
        case doubted
        /// The log could not be compared for longer than a start may wait.
        case unlooked
        case certain

        /// Whether anything is decided.
        package var decides: Bool { self == .certain || self == .unlooked }
    }

    private let opens: Moment
    private var toldMore: Bool?
    private var isCorrected: Bool?

    /// Nothing is known yet, and a start may wait for so long from now.
    package init(from start: Moment, patience: Duration) { opens = start + patience }

    /// Takes note of whether the log has events of ours that the database does not know.
    ///
    /// Once it has none, what is found later is the relay's to find: it writes down what is in doubt.
    package mutating func looked(toldMore: Bool) { self.toldMore = toldMore }

    /// Takes note of whether the database says that all of it is corrected.
    package mutating func asked(isCorrected: Bool) { self.isCorrected = isCorrected }

    /// Whether the log is to be compared, again if it had more.
    package var isToLook: Bool { toldMore != false }

    /// How it stands now.
    package func answer(at now: Moment) -> Answer {
        if toldMore == true || isCorrected == false { return .doubted }
        guard isCorrected == true else { return .looking }
        if toldMore == false { return .certain }
        return now < opens ? .looking : .unlooked
    }
}
