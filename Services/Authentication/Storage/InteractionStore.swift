package import AuthenticationDomain
import FoundationEssentials
package import Postgres
package import Vocabulary

/// Errands of browsers to the profile picker.
package struct InteractionStore: Sendable {
    package init() {}

    /// Begins an errand.
    package func insert(
        _ id: InteractionID, transaction: TransactionID, session signedIn: SessionID, at now: Instant,
        expiresAt: Instant, in session: borrowing Session
    ) throws {
        try session.execute(
            """
            INSERT INTO interaction (id, transaction_id, session_id, created_at, expires_at)
            VALUES (\(id), \(transaction), \(signedIn), \(now), \(expiresAt))
            """)
    }

    /// The errand with an id.
    package func find(_ id: InteractionID, in session: borrowing Session) throws -> SignInInteraction? {
        try Self.value(session.first("\(fragment: Self.select) WHERE id = \(id)"))
    }

    /// The run of an errand.
    package func transaction(of id: InteractionID, in session: borrowing Session) throws -> TransactionID? {
        try session.first("SELECT transaction_id FROM interaction WHERE id = \(id)")?.decode(TransactionID.self)
    }

    /// The errand with an id, locked until commit.
    package func findForUpdate(_ id: InteractionID, in session: borrowing Session) throws -> SignInInteraction? {
        try Self.value(session.first("\(fragment: Self.select) WHERE id = \(id) FOR UPDATE"))
    }

    /// Redeems an errand once; false when somebody did before, or its time to be redeemed is over.
    package func redeem(
        _ id: InteractionID, by client: String, at now: Instant, in session: borrowing Session
    ) throws -> Bool {
        try session.execute(
            """
            UPDATE interaction SET redeemed_at = \(now), redeemed_by = \(client)
            WHERE id = \(id) AND redeemed_at IS NULL AND expires_at > \(now)
                AND created_at > \(now.adding(.zero - SignInInteraction.redeemWindow))
            """) == 1
    }

    /// Puts the choice.
    package func choose(
        _ id: InteractionID, _ choice: ChosenProfile, at now: Instant, in session: borrowing Session
    ) throws {
        let text = try StoredJSON.encode(choice)
        try session.execute(
            "UPDATE interaction SET choice = \(Json(text)), chosen_at = \(now) WHERE id = \(id)")
    }

    /// Notes that the browser came back; false when it had before.
    package func resume(_ id: InteractionID, at now: Instant, in session: borrowing Session) throws -> Bool {
        try session.execute(
            "UPDATE interaction SET resumed_at = \(now) WHERE id = \(id) AND resumed_at IS NULL") == 1
    }

    private static let select: SQL = """
        SELECT id, transaction_id, session_id, expires_at, redeemed_by, choice, resumed_at FROM interaction
        """

    private static func value(_ row: Row?) throws -> SignInInteraction? {
        guard let row else { return nil }
        let (id, transaction, signedIn, expires, redeemedBy, choice, resumed) = try row.decode(
            InteractionID.self, TransactionID.self, SessionID.self, Instant.self, String?.self, Json?.self,
            Instant?.self)
        return SignInInteraction(
            id: id, transactionID: transaction, sessionID: signedIn, expiresAt: expires, redeemedBy: redeemedBy,
            choice: try choice.map { try StoredJSON.decode($0.text, as: ChosenProfile.self) }, resumedAt: resumed)
    }
}

/// JSON values in columns, written with sorted keys.
enum StoredJSON {
    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func decode<Value: Decodable>(_ text: String, as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }
}
