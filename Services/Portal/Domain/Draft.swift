package import Vocabulary

/// A form of the portal in which somebody types what would be lost.
package enum DraftForm: Hashable, Sendable {
    /// The contact data of a dossier, whoever opens it and in which tab.
    case contact(DossierID)
    /// A right in an organisation.
    case right(OrganisationID)

    /// The form that is sent to this path; nothing for a form in which nothing is typed.
    ///
    /// - Parameter dossier: the dossier that the form itself names.
    package init?(path: String, dossier: String?) {
        let parts = path.split(separator: "/")
        switch (parts.first, parts.count) {
        case ("dossier", 2) where parts[1] == "contact", ("t", 3) where parts[2] == "contact":
            guard let id = dossier.flatMap(DossierID.init) else { return nil }
            self = .contact(id)
        case ("organisations", 2):
            guard let id = OrganisationID(String(parts[1])) else { return nil }
            self = .right(id)
        default: return nil
        }
    }

    /// The name under which a draft of it is kept.
    package var key: String {
        switch self {
        case .contact(let id): "contact:\(id)"
        case .right(let id): "right:\(id)"
        }
    }
}

/// What somebody typed in a form and has not saved yet.
package struct Draft: Hashable, Sendable, Codable {
    /// A draft is kept this long.
    package static let lifetime: Duration = .seconds(3600)
    /// Names and values together have at most this many bytes; no form of ours that is filled in as it should be has
    /// more.
    package static let maximumSize = 4096
    /// Nobody leaves more forms half done than this; the oldest makes place.
    package static let maximumPerPerson = 20

    /// The values by the name of the field.
    package let fields: [String: String]
    /// The version of the data that the form was made for, when the form has one.
    package let version: Int64?

    /// A draft; nothing when it is larger than what is kept.
    package init?(fields: [String: String], version: Int64? = nil) {
        let size = fields.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard size <= Self.maximumSize else { return nil }
        self.fields = fields
        self.version = version
    }

    /// Whether it is too old to be shown.
    package static func isOver(keptAt: Instant, now: Instant) -> Bool { now - keptAt >= lifetime }
}

extension ContactForm {
    /// What was typed, to be kept.
    package func draft(version: Int64) -> Draft? {
        Draft(
            fields: Dictionary(uniqueKeysWithValues: Field.allCases.map { ($0.rawValue, value($0)) }), version: version)
    }

    /// What was kept.
    package init(_ draft: Draft) {
        let value = { (field: Field) in draft.fields[field.rawValue] ?? "" }
        self.init(
            email: value(.email), phone: value(.phone), street: value(.street), postalCode: value(.postalCode),
            city: value(.city))
    }

    /// The fields in which this form differs from what is saved.
    package func differences(from saved: ContactForm) -> [Field] {
        Field.allCases.filter { value($0) != saved.value($0) }
    }
}

extension RightForm {
    /// What was typed, to be kept.
    package var draft: Draft? {
        Draft(fields: [
            Field.nationalNumber.rawValue: nationalNumber, Field.lastName.rawValue: lastName,
            Field.role.rawValue: role, Field.startsOn.rawValue: startsOn, Field.endsOn.rawValue: endsOn,
        ])
    }

    /// What was kept.
    package init(_ draft: Draft) {
        let value = { (field: Field) in draft.fields[field.rawValue] ?? "" }
        self.init(
            nationalNumber: value(.nationalNumber), lastName: value(.lastName), role: value(.role),
            startsOn: value(.startsOn), endsOn: value(.endsOn))
    }
}
