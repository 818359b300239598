package import Vocabulary

extension Mandate {
    /// Where a mandate is in its life.
    ///
    /// Each state offers only the steps that lead out of it.
    package enum State: Hashable, Sendable {
        /// One party has offered it; it waits for the signature of the other.
        case offered(Offer)
        /// Both have signed; on the days of its period it is in force.
        case active(Activity)
        /// It can never be used again.
        case ended(End)
    }

    /// A mandate that waits for a signature.
    package struct Offer: Hashable, Sendable {
        package let by: Party
        package let at: Instant

        package init(by: Party, at: Instant) {
            self.by = by
            self.at = at
        }

        /// The other party signs.
        package func signed(at now: Instant) -> Activity { Activity(since: now) }

        /// The other party refuses to sign.
        package func refused(at now: Instant) -> End { End(.refused, at: now, since: nil) }

        /// The party who offered it takes it back.
        package func withdrawn(at now: Instant) -> End {
            End(by == .grantor ? .stopped : .renounced, at: now, since: nil)
        }
    }

    /// A mandate that both parties have signed.
    package struct Activity: Hashable, Sendable {
        package let since: Instant

        package init(since: Instant) { self.since = since }

        /// One party ends it, without the consent of the other.
        package func ended(by party: Party, at now: Instant) -> End {
            End(party == .grantor ? .stopped : .renounced, at: now, since: since)
        }

        /// Its last day is past.
        package func expired(at now: Instant) -> End { End(.expired, at: now, since: since) }
    }

    /// How and when a mandate came to its end.
    package struct End: Hashable, Sendable {
        /// In which way a mandate can end.
        package enum Manner: String, Hashable, Sendable, CaseIterable {
            /// The other party would not sign.
            case refused
            /// By the grantor.
            case stopped
            /// By the holder.
            case renounced
            /// By the calendar.
            case expired
        }
        package let manner: Manner
        package let at: Instant
        /// Since when it had been active; nil if it never was.
        package let since: Instant?

        /// Rebuilds an end from storage; a new one comes from a step.
        package init(_ manner: Manner, at: Instant, since: Instant?) {
            self.manner = manner
            self.at = at
            self.since = since
        }
    }
}

extension Mandate {
    /// What a mandate amounts to on a day.
    package enum Standing: Hashable, Sendable {
        case awaitsSignature
        /// Signed, but its first day is still to come.
        case notStarted(LocalDate)
        case inForce
        case over(End.Manner)
    }

    /// What this mandate amounts to on a day; the calendar counts even if nobody has written the end down yet.
    package func standing(on day: LocalDate) -> Standing {
        switch state {
        case .offered: .awaitsSignature
        case .ended(let end): .over(end.manner)
        case .active:
            if day < terms.period.start {
                .notStarted(terms.period.start)
            } else if terms.period.contains(day) {
                .inForce
            } else {
                .over(.expired)
            }
        }
    }

    /// A mandate that one party offers to the other.
    package static func offer(_ terms: Terms, as id: MandateID, by party: Party, at now: Instant) -> Mandate {
        Mandate(id: id, version: 1, terms: terms, state: .offered(Offer(by: party, at: now)))
    }

    /// A mandate that an authority delivers: both parties have signed it elsewhere.
    package static func grant(_ terms: Terms, as id: MandateID, at now: Instant) -> Mandate {
        Mandate(id: id, version: 1, terms: terms, state: .active(Activity(since: now)))
    }

    /// The mandate after the signature of the party to whom it was offered; nil unless it waits for that.
    package func signed(by party: Party, at now: Instant) -> Mandate? {
        guard case .offered(let offer) = state, offer.by != party else { return nil }
        return moved(to: .active(offer.signed(at: now)))
    }

    /// The mandate after its last day; nil unless it was active and that day is past.
    package func expired(on day: LocalDate, at now: Instant) -> Mandate? {
        guard case .active(let activity) = state, standing(on: day) == .over(.expired) else { return nil }
        return moved(to: .ended(activity.expired(at: now)))
    }
}
