/// What ends a token: all that does, and nothing else.
///
/// The table for people, `Shared/Docs/what-ends-a-token.md`, has one row for each; a test compares them.
package enum TokenEnd: Hashable, Sendable, CaseIterable {
    /// A fact on which it rests has ended, in the version that it was issued on or a later one.
    case basis(Basis.Kind)
    /// Its family was ended: its code came twice, or its refresh token was revoked.
    case family
    /// It was revoked by itself.
    case token
    /// Its time is over.
    case time

    package static let allCases: [TokenEnd] = Basis.Kind.allCases.map(TokenEnd.basis) + [.family, .token, .time]

    /// Its name in the table and in what is told to people.
    package var name: String {
        switch self {
        case .basis(let kind): kind.rawValue
        case .family: "family"
        case .token: "token"
        case .time: "time"
        }
    }
}
