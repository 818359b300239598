/// How often messaging polls and how long it waits; the defaults are for production, tests shorten them.
package struct FlowTiming: Sendable {
    /// How long a lease lives without being renewed; renewed three times as often.
    package var leaseLife: Duration = .seconds(3)
    /// How often the outbox is polled when no wake-up call came.
    package var outboxPoll: Duration = .milliseconds(500)
    /// How often heads are published, and the broker's log is compared with what was sent.
    package var heads: Duration = .seconds(1)
    /// How often all heads are published, also those that did not change.
    package var allHeads: Duration = .seconds(3)
    /// How long a projection may lag behind a known head without moving before it searches for the missing event.
    package var patience: Duration = .seconds(3)
    /// The first wait between two requests for a missing event; it doubles up to `longestResend`.
    package var resend: Duration = .seconds(3)
    package var longestResend: Duration = .seconds(60)
    /// The first wait before a parked event is tried again; it doubles up to `longestRetry`.
    package var firstRetry: Duration = .seconds(1)
    package var longestRetry: Duration = .seconds(300)
    /// After so long without a sign of life a source counts as silent, and what cannot be sent as stuck.
    package var silence: Duration = .seconds(10)

    /// The production values.
    package init() {}
}
