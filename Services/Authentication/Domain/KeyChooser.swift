package import Vocabulary

/// Whether a digital key can be chosen for one sign-in, and if not, why.
package enum KeyAvailability: Hashable, Sendable {
    case available
    /// The portal asks for a stronger key.
    case tooWeak(required: Acr)
    /// This installation does not offer it.
    case notOffered
}

/// The page "Kies uw digitale sleutel": the five keys in their three groups, each with its verdict.
package struct KeyChooser: Sendable {
    /// One key on the page.
    package struct Entry: Hashable, Sendable {
        package let key: DigitalKey
        package let availability: KeyAvailability
    }

    /// The keys of one group, in the order of the page.
    package struct Group: Hashable, Sendable {
        package let group: KeyGroup
        package let entries: [Entry]
    }

    /// The keys that this installation offers.
    package let offered: Set<DigitalKey>

    package init(offered: Set<DigitalKey>) {
        self.offered = offered
    }

    /// The verdict on one key.
    ///
    /// A key that is too weak says so even when it is not offered, for that will not change when it is.
    package func availability(of key: DigitalKey, minimum: Acr) -> KeyAvailability {
        if key.level < minimum { return .tooWeak(required: minimum) }
        return offered.contains(key) ? .available : .notOffered
    }

    /// Whether any key that is offered reaches a level; where none does there is nothing to show a person.
    package func offersAny(minimum: Acr) -> Bool {
        offered.contains { availability(of: $0, minimum: minimum) == .available }
    }

    /// The groups of the page.
    package func groups(minimum: Acr) -> [Group] {
        KeyGroup.allCases.map { group in
            Group(
                group: group,
                entries: DigitalKey.allCases.filter { $0.group == group }.map {
                    Entry(key: $0, availability: availability(of: $0, minimum: minimum))
                })
        }
    }
}
