package import Vocabulary

/// A licence to practise with the day on which it was given.
package struct IssuedVisum: Hashable, Sendable {
    package let number: Visum
    package let issuedOn: LocalDate

    package init(number: Visum, issuedOn: LocalDate) {
        self.number = number
        self.issuedOn = issuedOn
    }
}

/// What makes somebody a care provider: a visum, a RIZIV number, or both.
///
/// A RIZIV number is not needed to take part as a care provider; a recognition without either cannot be made.
package struct Recognition: Hashable, Sendable {
    package let rizivNumber: RizivNumber?
    package let visum: IssuedVisum?

    /// A recognition; nothing when there is neither a visum nor a RIZIV number.
    package init?(rizivNumber: RizivNumber?, visum: IssuedVisum?) {
        guard rizivNumber != nil || visum != nil else { return nil }
        self.rizivNumber = rizivNumber
        self.visum = visum
    }
}
