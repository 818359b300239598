package import FoundationEssentials
package import Vocabulary

/// What ended for everybody who holds a token: told at once to each service that accepts tokens.
///
/// Only what ends before its time is told: no token outlives the time of its session. It has a topic of its own, whose
/// events are kept for a day: no token lives that long.
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
    /// The id of the session or family; of a token the first half of the SHA-256 of its `jti`.
    package let id: Identifier<AccessEnded>
    /// When it ended; no token that was issued later is meant.
    package let at: Instant

    /// Tells an end.
    package init(_ subject: Subject, at: Instant) {
        kind = subject.kind
        id = subject.id
        self.at = at
    }

    /// What ended.
    package var subject: Subject { Subject(kind, id) }

    /// Something that can end: of each access token its session, its family and the token itself.
    package struct Subject: Codable, Sendable, Hashable {
        package let kind: Kind
        package let id: Identifier<AccessEnded>

        /// Names something by its kind and id.
        package init(_ kind: Kind, _ id: Identifier<AccessEnded>) {
            self.kind = kind
            self.id = id
        }

        /// A session.
        package static func session(_ id: SessionID) -> Subject { Subject(.session, Identifier(id.uuid)) }

        /// A family of tokens.
        package static func family(_ id: UUID) -> Subject { Subject(.family, Identifier(id)) }
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

    /// The kind that is written so; nil for one of a newer version.
    package init?(known text: String) {
        guard let kind = [Self.session, .family, .token].first(where: { $0.rawValue == text }) else { return nil }
        self = kind
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        self = Self(known: text) ?? .unknown(text)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
