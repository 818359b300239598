package import Vocabulary

/// Why a person's number was replaced by another one.
package enum ReplacementReason: String, Hashable, Sendable, CaseIterable {
    /// Somebody with a BIS number was entered in the National Register.
    case bisReplaced = "bis-replaced"
    /// The register had given her a wrong number, such as one with another date of birth.
    case corrected
}

/// Whose number it is, and whether it is the one that she has now.
package struct KnownNumber: Hashable, Sendable {
    package let person: PersonID
    package let isCurrent: Bool

    package init(person: PersonID, isCurrent: Bool) {
        self.person = person
        self.isCurrent = isCurrent
    }
}

/// What a replacement of a number changes.
package enum ReplacementOutcome: Hashable, Sendable {
    /// Nobody has either: a person is met with both, as if she had been met with the former one before.
    case meets
    /// She keeps her id and has the new number from now on.
    case replaces(PersonID)
    /// She is known by the new number already; the former one leads to her as well.
    case precedes(PersonID)
    /// Both lead to her already.
    case unchanged
}

/// Why a number is not replaced.
package enum ReplacementDefect: Error, Hashable, Sendable {
    /// The two numbers lead to two persons: what each of them has stays hers until somebody decides.
    case twoPersons
    /// The former number was replaced by another one.
    case replacedBefore
    /// It is the other way round: the former number replaced this one.
    case reversed
}

/// Decides what becomes of a person's numbers when a register says that one was replaced by another.
///
/// - Parameters:
///   - former: whose the replaced number is.
///   - new: whose the number is that stands in its place.
package func replaceNumber(
    former: KnownNumber?, by new: KnownNumber?
) -> Result<ReplacementOutcome, ReplacementDefect> {
    switch (former, new) {
    case (nil, nil): .success(.meets)
    case (nil, let new?): .success(.precedes(new.person))
    case (let former?, nil): former.isCurrent ? .success(.replaces(former.person)) : .failure(.replacedBefore)
    case (let former?, let new?) where former.person != new.person: .failure(.twoPersons)
    case (let former?, _): former.isCurrent ? .failure(.reversed) : .success(.unchanged)
    }
}
