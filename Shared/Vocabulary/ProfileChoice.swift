/// As whom a person takes part: as herself, in one of her professions, or for an organisation.
///
/// JSON: `{"kind":"citizen"}`, `{"kind":"profession","profession":"persphysician"}`,
/// `{"kind":"organisation","organisationId":"…"}`. The seed's "Burger with an organisation" is the last.
package enum ProfileChoice: Hashable, Sendable, Codable {
    case citizen
    case profession(Profession)
    case organisation(OrganisationID)

    /// The word that tells the kinds apart in JSON, in the database and in the audit trail.
    package enum Kind: String, CaseIterable, Hashable, Sendable, Codable { case citizen, profession, organisation }

    package var kind: Kind {
        switch self {
        case .citizen: .citizen
        case .profession: .profession
        case .organisation: .organisation
        }
    }

    private enum CodingKeys: String, CodingKey { case kind, profession, organisationId }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(Kind.self, forKey: .kind) {
        case .citizen: self = .citizen
        case .profession: self = .profession(try container.decode(Profession.self, forKey: .profession))
        case .organisation: self = .organisation(try container.decode(OrganisationID.self, forKey: .organisationId))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        switch self {
        case .citizen: break
        case .profession(let profession): try container.encode(profession, forKey: .profession)
        case .organisation(let id): try container.encode(id, forKey: .organisationId)
        }
    }
}
