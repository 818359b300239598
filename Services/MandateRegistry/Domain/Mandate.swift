package import Vocabulary

/// A mandate: a care provider lets somebody else act on her dossier, for what its type covers and as long as it holds.
///
/// Its terms never change; what changes is its state, one version at a time.
package struct Mandate: Hashable, Sendable {
    package let id: MandateID
    /// From 1; one more with each change of state.
    package let version: Int64
    package let terms: Terms
    package let state: State

    /// Rebuilds a mandate that is already known, from storage; a new one comes from ``grant(_:as:at:)``.
    package init(id: MandateID, version: Int64, terms: Terms, state: State) {
        self.id = id
        self.version = version
        self.terms = terms
        self.state = state
    }

    /// The next version, in another state.
    func moved(to state: State) -> Mandate {
        Mandate(id: id, version: version + 1, terms: terms, state: state)
    }

    /// What it is after a restoration, in a version over what was told of it: if that it had ended, it has.
    ///
    /// Whoever ended it did so once and relies on it; nobody would do it again.
    package func restored(as version: Int64, told: End?) -> Mandate {
        let state: State =
            switch (self.state, told) {
            case (.ended, _), (_, nil): self.state
            case (.active(let activity), let end?): .ended(End(end.manner, at: end.at, since: activity.since))
            case (.offered, let end?):
                // What was never signed cannot expire: it was signed in the time that was lost.
                .ended(End(end.manner, at: end.at, since: end.manner == .expired ? end.at : nil))
            }
        return Mandate(id: id, version: version, terms: terms, state: state)
    }
}

extension Mandate {
    /// What was agreed: who, for whom, what and how long.
    package struct Terms: Hashable, Sendable {
        package let grantor: Grantor
        package let holder: Holder
        package let type: MandateType
        /// The days on which it holds, both ends included; without an end it holds until it is ended.
        package let period: Period

        /// States the terms; nil when somebody would hold a mandate of herself.
        package init?(grantor: Grantor, holder: Holder, type: MandateType, period: Period) {
            guard holder != .person(grantor.person) else { return nil }
            self.grantor = grantor
            self.holder = holder
            self.type = type
            self.period = period
        }
    }

    /// Who gives the mandate: a care provider, for her dossier in one profession.
    package struct Grantor: Hashable, Sendable {
        package let person: PersonID
        package let dossier: DossierID
        package let profession: Profession

        package init(person: PersonID, dossier: DossierID, profession: Profession) {
            self.person = person
            self.dossier = dossier
            self.profession = profession
        }
    }

    /// Who may act: a natural person, or the people of an enterprise, grouping or institution who may use its mandates.
    package enum Holder: Hashable, Sendable {
        case person(PersonID)
        case organisation(OrganisationID)
    }

    /// The two parties to a mandate.
    package enum Party: String, Hashable, Sendable, CaseIterable {
        case grantor, holder
    }

    /// What a grantor can recognise a mandate by, on the page and on the telephone: eight characters of its id.
    package var reference: String { String(id.description.suffix(8)).uppercased() }
}
