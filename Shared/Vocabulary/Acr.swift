/// How strongly a person was authenticated: the level of a digital key, comparable.
package struct Acr: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// 100, 200, 350, 400, 450 or 500.
    package let level: Int

    /// One of the known levels; nothing for any other.
    package init?(level: Int) {
        guard Self.levels.contains(level) else { return nil }
        self.level = level
    }

    private init(known level: Int) { self.level = level }

    package static let level100 = Acr(known: 100)
    package static let level200 = Acr(known: 200)
    package static let level350 = Acr(known: 350)
    package static let level400 = Acr(known: 400)
    package static let level450 = Acr(known: 450)
    package static let level500 = Acr(known: 500)

    /// All levels, from weak to strong.
    package static let levels = [100, 200, 350, 400, 450, 500]

    private static let prefix = "urn:be:fedict:iam:fas:Level"

    /// The value of the `acr` claim and of `acr_values`.
    package var uri: String { Self.prefix + String(level) }

    /// Reads a value of the `acr` claim; nothing for an unknown one.
    package init?(uri: String) {
        guard uri.hasPrefix(Self.prefix), let level = Int(uri.dropFirst(Self.prefix.count)),
            uri == Self.prefix + String(level)
        else { return nil }
        self.init(level: level)
    }

    package var description: String { String(level) }

    package static func < (left: Acr, right: Acr) -> Bool { left.level < right.level }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Acr(level: try container.decode(Int.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an authentication level")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(level)
    }
}

/// The groups in which the chooser shows the digital keys, in its order.
package enum KeyGroup: String, CaseIterable, Hashable, Sendable, Codable {
    /// eID or digital keys of recognised partners.
    case eidAndPartners = "eid-and-partners"
    /// Digital keys with a security code and user name and password.
    case securityCode = "security-code"
    /// European authentication.
    case european
}

/// The means by which a person signs in, in the order of the chooser.
package enum DigitalKey: String, CaseIterable, Hashable, Sendable, Codable {
    case eid
    case itsme
    case emailCode = "email-code"
    case appCode = "app-code"
    case eidas

    /// The group under which the chooser shows it.
    package var group: KeyGroup {
        switch self {
        case .eid, .itsme: .eidAndPartners
        case .emailCode, .appCode: .securityCode
        case .eidas: .european
        }
    }

    /// The highest level that the key can reach; a European key reaches 500 or 400 by its own level of assurance.
    package var level: Acr {
        switch self {
        case .eid, .eidas: .level500
        case .itsme: .level450
        case .appCode: .level400
        case .emailCode: .level350
        }
    }
}
