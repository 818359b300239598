package import AuthenticationDomain
package import Postgres
package import Sealing
package import Vocabulary

/// What a person signs in with, as it is kept.
package struct Account: Sendable {
    package let personID: PersonID
    package let userName: UserName
    package let password: PasswordHash
    /// The secret of her mobile app.
    package let appSecret: [UInt8]
    /// The step of the last code that was accepted.
    package let lastCodeStep: Int64?
    package let firstName: String
    package let lastName: String
    package let email: String
    package let language: Language
    package let isEnabled: Bool

    package init(
        personID: PersonID, userName: UserName, password: PasswordHash, appSecret: [UInt8], lastCodeStep: Int64?,
        firstName: String, lastName: String, email: String, language: Language, isEnabled: Bool
    ) {
        self.personID = personID
        self.userName = userName
        self.password = password
        self.appSecret = appSecret
        self.lastCodeStep = lastCodeStep
        self.firstName = firstName
        self.lastName = lastName
        self.email = email
        self.language = language
        self.isEnabled = isEnabled
    }
}

/// Accounts by user name.
package struct AccountStore: Sendable {
    private let sealing: any Sealing

    package init(sealing: any Sealing) {
        self.sealing = sealing
    }

    /// The secrets of apps, to be sealed again when the key is replaced.
    package var sealedColumn: SealedColumn {
        SealedColumn(table: "account", row: "person_id::text", column: "app_secret", keyID: "app_secret_key_id") {
            [sealing] sealed, person in try sealing.again(sealed, associated: Self.associated(person))
        }
    }

    /// The account of a user name.
    package func find(_ userName: UserName, in session: borrowing Session) throws -> Account? {
        try account(of: session.first("\(fragment: Self.select) WHERE user_name = \(userName.folded)"))
    }

    /// The account of a person.
    package func find(of person: PersonID, in session: borrowing Session) throws -> Account? {
        try account(of: session.first("\(fragment: Self.select) WHERE person_id = \(person)"))
    }

    /// Marks the step of an accepted code as used; false when it, or a later one, was used already.
    package func useCodeStep(_ step: Int64, of person: PersonID, in session: borrowing Session) throws -> Bool {
        try session.execute(
            """
            UPDATE account SET last_code_step = \(step)
            WHERE person_id = \(person) AND enabled AND (last_code_step IS NULL OR last_code_step < \(step))
            """) == 1
    }

    /// Takes the codes of all steps up to one away from accounts whose last code is older; answers of how many.
    package func passCodeSteps(upTo step: Int64, limit: Int, in session: borrowing Session) throws -> Int {
        try session.execute(
            """
            UPDATE account SET last_code_step = \(step) WHERE person_id IN (
                SELECT person_id FROM account WHERE last_code_step IS NULL OR last_code_step < \(step)
                ORDER BY person_id LIMIT \(limit) FOR NO KEY UPDATE)
            """)
    }

    /// Opens or closes an account.
    package func setEnabled(_ enabled: Bool, of person: PersonID, in session: borrowing Session) throws {
        try session.execute("UPDATE account SET enabled = \(enabled) WHERE person_id = \(person)")
    }

    /// Whether a person's account was closed; false for somebody who has none.
    package func isClosed(of person: PersonID, in session: borrowing Session) throws -> Bool {
        try session.first("SELECT 1 FROM account WHERE person_id = \(person) AND NOT enabled") != nil
    }

    /// Writes an account, and answers whether the person's name or language changed; one of the same person is replaced.
    ///
    /// Throws a unique violation of `account_user_name_key` when another person has the user name.
    @discardableResult
    package func save(_ account: Account, at now: Instant, in session: borrowing Session) throws -> Bool {
        let secret = try sealing.seal(account.appSecret, associated: Self.associated(account.personID))
        let cost = account.password.cost
        let renamed = try PersonNameStore().save(
            PersonName(firstName: account.firstName, lastName: account.lastName, language: account.language),
            of: account.personID, at: now, in: session)
        try session.execute(
            """
            INSERT INTO account (person_id, user_name, password_salt, password_hash, password_rounds,
                password_block_size, password_parallelism, app_secret, last_code_step, email, enabled,
                created_at, changed_at)
            VALUES (\(account.personID), \(account.userName.folded), \(account.password.salt),
                \(account.password.hash), \(cost.rounds), \(cost.blockSize), \(cost.parallelism), \(secret),
                \(account.lastCodeStep), \(account.email), \(account.isEnabled), \(now), \(now))
            ON CONFLICT (person_id) DO UPDATE SET
                user_name = excluded.user_name, password_salt = excluded.password_salt,
                password_hash = excluded.password_hash, password_rounds = excluded.password_rounds,
                password_block_size = excluded.password_block_size,
                password_parallelism = excluded.password_parallelism, app_secret = excluded.app_secret,
                last_code_step = excluded.last_code_step, email = excluded.email,
                enabled = excluded.enabled, changed_at = excluded.changed_at
            """)
        return renamed
    }

    /// Replaces a password hash, unless somebody replaced it meanwhile.
    package func replacePassword(
        _ old: PasswordHash, with new: PasswordHash, of person: PersonID, in session: borrowing Session
    ) throws {
        try session.execute(
            """
            UPDATE account SET password_salt = \(new.salt), password_hash = \(new.hash),
                password_rounds = \(new.cost.rounds), password_block_size = \(new.cost.blockSize),
                password_parallelism = \(new.cost.parallelism)
            WHERE person_id = \(person) AND password_hash = \(old.hash)
            """)
    }

    private static let select: SQL = """
        SELECT person_id, user_name, password_salt, password_hash, password_rounds, password_block_size,
            password_parallelism, app_secret, last_code_step, first_name, last_name, email, language, enabled
        FROM account JOIN person_name USING (person_id)
        """

    private func account(of row: Row?) throws -> Account? {
        guard let row else { return nil }
        let (person, name, salt, hash, rounds, blockSize, parallelism, secret, step, first, last, email, language, on) =
            try row.decode(
                PersonID.self, String.self, [UInt8].self, [UInt8].self, Int.self, Int.self, Int.self, [UInt8].self,
                Int64?.self, String.self, String.self, String.self, String.self, Bool.self)
        guard let userName = UserName(name), let language = Language(rawValue: language),
            let cost = PasswordCost(rounds: rounds, blockSize: blockSize, parallelism: parallelism)
        else { throw StoredValueError("account") }
        return Account(
            personID: person, userName: userName, password: PasswordHash(salt: salt, hash: hash, cost: cost),
            appSecret: try sealing.open(secret, associated: Self.associated(person)), lastCodeStep: step,
            firstName: first, lastName: last, email: email, language: language, isEnabled: on)
    }

    private static func associated(_ person: some CustomStringConvertible) -> [UInt8] {
        [UInt8]("app-secret:\(person)".utf8)
    }
}
