package import Vocabulary

/// Who holds a mandate: a natural person, or an enterprise or grouping.
package enum MandateHolder: Codable, Sendable, Hashable {
    case person(PersonID)
    case organisation(OrganisationID)

    private enum Keys: String, CodingKey { case kind, id }
    private enum Kind: String, Codable { case person, organisation }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        switch try container.decode(Kind.self, forKey: .kind) {
        case .person: self = .person(try container.decode(PersonID.self, forKey: .id))
        case .organisation: self = .organisation(try container.decode(OrganisationID.self, forKey: .id))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        switch self {
        case .person(let id):
            try container.encode(Kind.person, forKey: .kind)
            try container.encode(id, forKey: .id)
        case .organisation(let id):
            try container.encode(Kind.organisation, forKey: .kind)
            try container.encode(id, forKey: .id)
        }
    }
}

/// Where a mandate is in its life.
package enum MandateStatus: String, Codable, Sendable, CaseIterable {
    case offered, active, refused, stopped, renounced, expired
}

/// The public state of a mandate.
package struct MandateState: Codable, Sendable, Hashable {
    package static let offered = "mandate.offered"
    package static let activated = "mandate.activated"
    package static let refused = "mandate.refused"
    package static let stopped = "mandate.stopped"
    package static let renounced = "mandate.renounced"
    package static let expired = "mandate.expired"
    /// What was told before a restore is corrected to this state.
    package static let restated = "mandate.restated"
    /// What was told before a restore is taken back; the data is a `VoidedState`.
    package static let voided = "mandate.voided"

    package let mandateId: MandateID
    package let version: Int64
    package let grantorPersonId: PersonID
    package let grantorDossierId: DossierID
    package let holder: MandateHolder
    package let type: MandateType
    package let status: MandateStatus
    package let startsOn: LocalDate
    /// The last day on which it holds; absent when it holds until it is stopped.
    package let endsOn: LocalDate?
    package let endedAt: Instant?

    package init(
        mandateId: MandateID, version: Int64, grantorPersonId: PersonID, grantorDossierId: DossierID,
        holder: MandateHolder, type: MandateType, status: MandateStatus, startsOn: LocalDate, endsOn: LocalDate?,
        endedAt: Instant?
    ) {
        self.mandateId = mandateId
        self.version = version
        self.grantorPersonId = grantorPersonId
        self.grantorDossierId = grantorDossierId
        self.holder = holder
        self.type = type
        self.status = status
        self.startsOn = startsOn
        self.endsOn = endsOn
        self.endedAt = endedAt
    }
}
