package import Vocabulary

/// What ended for everybody who holds a token: told at once to each service that accepts tokens.
///
/// It has a topic of its own, whose events are kept for a day: no token lives that long.
package struct AccessEnded: Codable, Sendable, Hashable {
    package static let ended = "access.ended"

    /// What kind of thing ended.
    package enum Kind: Sendable, Hashable {
        /// A session: every token with this `sid`.
        case session
        /// A token family: every token that one sign-in at one client led to.
        case family
        /// One token, by its `jti`.
        case token
        /// A kind of a newer version: a reader counts it and goes on.
        case unknown(String)
    }

    package let kind: Kind
    package let id: Identifier<AccessEnded>
    package let at: Instant

    /// Tells an end.
    package init(kind: Kind, id: Identifier<AccessEnded>, at: Instant) {
        self.kind = kind
        self.id = id
        self.at = at
    }
}

extension AccessEnded.Kind: Codable {
    /// As it is written: the claim that carries the id, where there is one.
    package var rawValue: String {
        switch self {
        case .session: "sid"
        case .family: "family"
        case .token: "jti"
        case .unknown(let text): text
        }
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        self = [Self.session, .family, .token].first { $0.rawValue == text } ?? .unknown(text)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
