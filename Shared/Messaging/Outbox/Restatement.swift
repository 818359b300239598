package import Postgres
package import Vocabulary

/// How a source corrects what it told before its database went back in time.
package struct Restatement: Sendable {
    /// Gives an aggregate that exists a version over the one that was told, and answers its state as an event
    /// `<kind>.restated`; nil when it does not exist: then it is taken back.
    package typealias Restate = @Sendable (ToldAggregate, borrowing Session) throws -> EventDraft?
    /// Ends what rests on the database alone and came back to life with it; to be repeated until it does not throw.
    ///
    /// What began after the given moment is not meant.
    package typealias Settle = @Sendable (Instant) async throws -> Void

    /// The events by which what was told of an aggregate is taken back that the database does not have.
    package typealias TakeBack = @Sendable (ToldAggregate) -> [EventDraft]

    /// Nil for a stream whose events stay true whatever the database forgot: it has nothing to correct.
    package let restate: Restate?
    package let settle: Settle
    package let takeBack: TakeBack

    /// A source's way; one that has nothing to end beside what its events tell gives no `settle`.
    package init(
        settle: @escaping Settle = { _ in }, restate: Restate?, takeBack: @escaping TakeBack = { [$0.voided] }
    ) {
        self.restate = restate
        self.settle = settle
        self.takeBack = takeBack
    }

    /// The same for a stream beside the service's own.
    package var withoutCorrections: Restatement { Restatement(settle: settle, restate: nil) }
}
