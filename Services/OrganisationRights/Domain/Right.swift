package import Vocabulary

/// A role that a person can have in an organisation.
package struct RightRole: Hashable, Sendable {
    /// Such as `mandate-executor`.
    package let code: String
    package let name: LocalisedName

    package init(code: String, name: LocalisedName) {
        self.code = code
        self.name = name
    }
}

/// The roles that can be given: configuration, since each authority has its own.
package struct RoleCatalogue: Hashable, Sendable {
    package let roles: [RightRole]

    /// A catalogue; nothing when it is empty or has a code twice.
    package init?(_ roles: [RightRole]) {
        guard !roles.isEmpty, Set(roles.map(\.code)).count == roles.count else { return nil }
        self.roles = roles
    }

    private init(standard roles: [RightRole]) { self.roles = roles }

    /// Whether there is a role of this code.
    package func contains(_ code: String) -> Bool { roles.contains { $0.code == code } }

    /// The roles that the suite itself knows: who uses the mandates of an enterprise, and who only belongs to it.
    package static let standard = RoleCatalogue(standard: [
        RightRole(
            code: "mandate-executor",
            name: LocalisedName(
                nl: "Mandaatuitvoerder", fr: "Exécutant de mandats", de: "Vollmachtsausführer",
                en: "Mandate executor")),
        RightRole(
            code: "member", name: LocalisedName(nl: "Medewerker", fr: "Collaborateur", de: "Mitarbeiter", en: "Member")),
    ])
}

/// A role of a person in an organisation, for a period.
package struct Right: Hashable, Sendable {
    /// Whether it was taken away.
    package enum State: Hashable, Sendable {
        case active
        case ended(at: Instant)
    }

    package let id: RightID
    /// From 1; each change adds one.
    package let version: Int64
    package let organisation: OrganisationID
    package let person: PersonID
    /// The code of the role.
    package let role: String
    package let period: Period
    package let state: State

    /// A right as it is stored.
    package init(
        id: RightID, version: Int64, organisation: OrganisationID, person: PersonID, role: String, period: Period,
        state: State
    ) {
        self.id = id
        self.version = version
        self.organisation = organisation
        self.person = person
        self.role = role
        self.period = period
        self.state = state
    }

    func next(period: Period? = nil, state: State? = nil) -> Right {
        Right(
            id: id, version: version + 1, organisation: organisation, person: person, role: role,
            period: period ?? self.period, state: state ?? self.state)
    }

    /// What it is after a restoration, in a version over what was told of it: if that it was taken away, it is.
    ///
    /// Whoever took it away did so once and relies on it; nobody would do it again.
    package func restored(as version: Int64, toldEnd: Instant?) -> Right {
        let state = endedAt == nil ? toldEnd.map { State.ended(at: $0) } ?? self.state : self.state
        return Right(
            id: id, version: version, organisation: organisation, person: person, role: role, period: period,
            state: state)
    }

    /// When it was taken away.
    package var endedAt: Instant? {
        guard case .ended(let instant) = state else { return nil }
        return instant
    }
}
