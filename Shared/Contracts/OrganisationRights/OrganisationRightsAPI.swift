package import Vocabulary

/// The organisations in which the caller manages access, by name, a page at a time.
package struct ManagedOrganisations: Codable, Sendable {
    package struct Entry: Codable, Sendable {
        package let organisationId: OrganisationID
        package let name: String
        package let type: OrganisationType
        package let enterpriseNumber: EnterpriseNumber?
        package let managerRole: AccessManagerRole

        package init(
            organisationId: OrganisationID, name: String, type: OrganisationType, enterpriseNumber: EnterpriseNumber?,
            managerRole: AccessManagerRole
        ) {
            self.organisationId = organisationId
            self.name = name
            self.type = type
            self.enterpriseNumber = enterpriseNumber
            self.managerRole = managerRole
        }
    }
    /// At most 200.
    package let organisations: [Entry]
    /// The last of these, when there are further ones: what to ask for `after`.
    package let next: OrganisationID?

    package init(organisations: [Entry], next: OrganisationID? = nil) {
        self.organisations = organisations
        self.next = next
    }
}

/// Whom to ask for a right in an organisation.
package struct OrganisationManagers: Codable, Sendable {
    package struct Manager: Codable, Sendable {
        /// The last name, and the first one of somebody who has signed in.
        ///
        /// Absent while nobody has told it, or it cannot be asked for now.
        package let personName: String?
        /// Whether the name cannot be asked for at this moment, so that it is not known if there is one.
        package let nameUnavailable: Bool
        package let role: AccessManagerRole

        package init(personName: String?, nameUnavailable: Bool, role: AccessManagerRole) {
            self.personName = personName
            self.nameUnavailable = nameUnavailable
            self.role = role
        }
    }
    /// Chiefs first, at most five.
    package let managers: [Manager]
    /// How many there are beside those.
    package let others: Int

    package init(managers: [Manager], others: Int) {
        self.managers = managers
        self.others = others
    }
}

/// Which rights an access manager asks for.
package enum RightList: String, Codable, Sendable, CaseIterable {
    /// Those that were not taken away, also when their period is over or yet to come.
    case active
    /// Those that begin when somebody with their number signs in, and those that waited in vain lately.
    case waiting
    /// Those that were taken away.
    case ended
}

/// How a right stands, as an access manager sees it.
package enum RightStanding: String, Codable, Sendable, CaseIterable {
    case active
    case ended
    /// It waits until somebody with its number signs in, whose last name agrees; whether the number is anybody's is not
    /// told.
    case waiting
    /// It waited in vain or was withdrawn.
    case neverBegan = "never-began"
}

/// The rights in an organisation, as its access managers see them.
package struct OrganisationRights: Codable, Sendable {
    package struct Right: Codable, Sendable {
        package let rightId: RightID
        package let version: Int64
        /// The last name, and the first one of somebody who has signed in; of what waits, the name that was typed.
        ///
        /// Absent while nobody has told it, or it cannot be asked for now.
        package let personName: String?
        /// Whether the name cannot be asked for at this moment, so that it is not known if there is one.
        package let nameUnavailable: Bool
        /// The national number's masked form, which tells two of one name apart.
        package let maskedNationalNumber: String
        package let role: String
        package let status: RightStanding
        package let startsOn: LocalDate
        package let endsOn: LocalDate?

        package init(
            rightId: RightID, version: Int64, personName: String? = nil, nameUnavailable: Bool = false,
            maskedNationalNumber: String, role: String, status: RightStanding, startsOn: LocalDate, endsOn: LocalDate?
        ) {
            self.rightId = rightId
            self.version = version
            self.personName = personName
            self.nameUnavailable = nameUnavailable
            self.maskedNationalNumber = maskedNationalNumber
            self.role = role
            self.status = status
            self.startsOn = startsOn
            self.endsOn = endsOn
        }
    }
    package let organisationId: OrganisationID
    package let name: String
    /// The roles that can be given, with their names in the four languages.
    package let roles: [String: [String: String]]
    /// Those of the list that was asked for, newest first, at most 200.
    package let rights: [Right]
    /// The id to ask for as `after` to get older ones; nil at the end.
    package let next: RightID?

    package init(
        organisationId: OrganisationID, name: String, roles: [String: [String: String]], rights: [Right],
        next: RightID? = nil
    ) {
        self.organisationId = organisationId
        self.name = name
        self.roles = roles
        self.rights = rights
        self.next = next
    }
}

/// A request to give somebody a right.
package struct GiveRight: Codable, Sendable {
    package let nationalNumber: String
    /// Of the person of that number; where it is not, the right waits.
    package let lastName: String
    package let role: String
    package let startsOn: LocalDate
    package let endsOn: LocalDate?

    package init(nationalNumber: String, lastName: String, role: String, startsOn: LocalDate, endsOn: LocalDate?) {
        self.nationalNumber = nationalNumber
        self.lastName = lastName
        self.role = role
        self.startsOn = startsOn
        self.endsOn = endsOn
    }
}

/// The answer to giving or ending a right.
package struct RightChanged: Codable, Sendable {
    package let rightId: RightID
    package let version: Int64
    package let status: RightStanding

    package init(rightId: RightID, version: Int64, status: RightStanding) {
        self.rightId = rightId
        self.version = version
        self.status = status
    }
}
