import Crypto
import FoundationEssentials
package import Keys
import PortalDomain
package import Sealing
import Vocabulary

/// The tokens of a session, as they are sealed in its row.
package struct TokenSet: Codable, Sendable {
    /// An access token, which the portal passes on and does not read.
    struct Access: Codable, Sendable {
        let token: String
        /// When it ends by the portal's own clock: the moment of its answer and the seconds that the answer says.
        let expiresAt: Instant
    }
    /// The newest ID token, the hint for signing out.
    var identity: String
    /// What new access tokens are got with; the provider may replace it, ours does not.
    var refresh: String?
    /// The access tokens by their audience.
    var access: [String: Access]
}

/// Seals what must not be readable in the database, each value for the row it belongs to.
package struct PortalSeal: Sendable {
    private let key: SealingKey

    package init(_ key: SealingKey) {
        self.key = key
    }

    func seal(_ tokens: TokenSet, of session: PortalSessionID) throws -> [UInt8] {
        try key.seal(try JSONEncoder().encode(tokens), associated: associated(session))
    }

    func tokens(_ sealed: [UInt8], of session: PortalSessionID) throws -> TokenSet {
        try JSONDecoder().decode(TokenSet.self, from: Data(try key.open(sealed, associated: associated(session))))
    }

    func seal(context: String, of session: PortalSessionID, handleHash: [UInt8]) throws -> [UInt8] {
        try key.seal(context.utf8, associated: associated(session) + handleHash)
    }

    func context(_ sealed: [UInt8], of session: PortalSessionID, handleHash: [UInt8]) throws -> String {
        String(decoding: try key.open(sealed, associated: associated(session) + handleHash), as: UTF8.self)
    }

    /// All that the portal keeps sealed.
    package var stored: SealedData {
        SealedData(
            columns: [
                SealedColumn(table: "session", row: "id::text", column: "tokens", keyID: "tokens_key_id") {
                    sealed, session in try again(sealed, associated(session))
                },
                SealedColumn(
                    table: "tab", row: "session::text || '/' || encode(handle_hash, 'hex')", column: "context",
                    keyID: "context_key_id"
                ) { sealed, row in
                    let parts = row.split(separator: "/")
                    return try again(sealed, associated(parts[0]) + Self.bytes(parts.dropFirst().first))
                },
                SealedColumn(
                    table: "draft", row: "form || '/' || encode(subject_hash, 'hex')", column: "content",
                    keyID: "content_key_id"
                ) { sealed, row in
                    let parts = row.split(separator: "/")
                    return try again(
                        sealed, FormSeal.associated(form: parts[0], subjectHash: Self.bytes(parts.dropFirst().first)))
                },
            ],
            currentID: key.currentID, keyIDs: key.ids)
    }

    private func again(_ sealed: [UInt8], _ associated: [UInt8]) throws -> [UInt8] {
        try key.seal(try key.open(sealed, associated: associated), associated: associated)
    }

    /// The bytes of a hexadecimal text that the database wrote.
    private static func bytes(_ hexadecimal: Substring?) -> [UInt8] {
        let digits = (hexadecimal ?? "").compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - digits.count % 2, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }

    private func associated(_ session: some CustomStringConvertible) -> [UInt8] { Array("session:\(session)".utf8) }
}
