package import Vocabulary

/// The claim `acting_as`: as whom the person acts, in ID tokens, access tokens, userinfo and introspection.
///
/// The value is that of ``Vocabulary/ProfileChoice``. A kind that this version does not know decodes to ``unknown``, so
/// that a newer issuer is not mistaken for a broken token: such a token is well formed, and is refused as what it is.
package enum ActingAs: Codable, Sendable, Hashable {
    case profile(ProfileChoice)
    /// A kind, or a value of a known kind, that this version does not know.
    case unknown

    /// The profile; nil when this version does not know it.
    package var profile: ProfileChoice? {
        guard case .profile(let profile) = self else { return nil }
        return profile
    }

    /// Reads an object with a `kind`; throws for anything else.
    package init(from decoder: any Decoder) throws {
        _ = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .kind)
        self = (try? ProfileChoice(from: decoder)).map(Self.profile) ?? .unknown
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .profile(let profile): try profile.encode(to: encoder)
        case .unknown:
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode("unknown", forKey: .kind)
        }
    }

    private enum CodingKeys: String, CodingKey { case kind }
}
