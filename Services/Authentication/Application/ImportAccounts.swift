import AuditTrail
import AuthenticationDomain
import EventOutbox
package import Imports
import Postgres
import Process
import Vocabulary

/// Takes in `accounts.csv`: who may sign in by user name, password and mobile app.
package struct ImportAccounts: ImportHandler {
    /// The columns of the file.
    package static let columns = [
        "national_number", "username", "password", "app_secret", "first_name", "last_name", "email", "language",
    ]

    private struct Wish {
        let number: NationalNumber
        let userName: UserName
        let password: Password
        let secret: [UInt8]
        let firstName: String
        let lastName: String
        let email: String
        let language: Language
    }

    let database: Database
    let outbox: Outbox
    let acts: Acts
    let hasher: PasswordHasher
    let hashes: KeyedHashes
    let persons: PersonStore
    let accounts: AccountStore
    private let throttles = ThrottleStore()
    private let devices = DeviceStore()

    package func take(_ rows: [ImportRow], tell: (ImportVerdict) -> Void) async throws {
        for row in rows { tell(try await take(row)) }
    }

    private func take(_ row: ImportRow) async throws -> ImportVerdict {
        let wish: Wish
        do {
            wish = try read(row)
        } catch {
            return .refused(error.message)
        }
        let now = acts.now()
        let known = try await database.transaction { session in
            let persons = try persons.find([wish.number], in: session)
            guard let person = persons[wish.number] else { return Account?.none }
            return try accounts.find(of: person, in: session)
        }
        let hash: PasswordHash
        let permit = try hasher.permit(for: .operation)
        if let known, try await permit.fits(wish.password, known.password) {
            if isSame(wish, known) { return .unchanged }
            hash = known.password
        } else {
            hash = try await permit.hash(wish.password)
        }
        do {
            return try await save(wish, hash: hash, replacing: known, at: now)
        } catch let error as PostgresError where error.constraint == "account_user_name_key" {
            return .refused("username: another person has this user name")
        }
    }

    private func save(
        _ wish: Wish, hash: PasswordHash, replacing known: Account?, at now: Instant
    ) async throws -> ImportVerdict {
        let act = acts.own()
        let account = hashes.account(wish.userName.folded)
        return try await outbox.transaction(on: database) { session in
            let met = try persons.findOrCreate([wish.number], at: now, newID: hashes.person(of:), in: session)
            guard let person = met[wish.number] else { throw StoredValueError("person_number_index") }
            let sameSecret = known?.appSecret == wish.secret
            let renamed = try accounts.save(
                Account(
                    personID: person, userName: wish.userName, password: hash, appSecret: wish.secret,
                    lastCodeStep: sameSecret ? known?.lastCodeStep : nil, firstName: wish.firstName,
                    lastName: wish.lastName, email: wish.email, language: wish.language,
                    isEnabled: known?.isEnabled ?? true),
                at: now, in: session)
            if let known, known.password != hash || !sameSecret {
                // Somebody who was given new credentials starts without the failures of the old ones, and whoever
                // signed in with the old ones is unknown again.
                _ = try throttles.empty(account: account, in: session)
                _ = try devices.forget(of: known.personID, in: session)
            }
            let entry = act.record(.importAccount, actor: nil, client: "authentication", userName: account)
            if renamed {
                let version = try persons.changed(person, in: session)
                try outbox.append([personChanged(person, version: version)], audit: entry, in: session)
            } else {
                try Audit.record(entry, in: session)
            }
            return known == nil ? .added : .changed
        }
    }

    private func isSame(_ wish: Wish, _ known: Account) -> Bool {
        known.userName == wish.userName && known.appSecret == wish.secret && known.firstName == wish.firstName
            && known.lastName == wish.lastName && known.email == wish.email && known.language == wish.language
    }

    /// What is wrong with a field; names the column and never the value.
    private struct FieldError: Error {
        let message: String
    }

    private func read(_ row: ImportRow) throws(FieldError) -> Wish {
        let number: NationalNumber
        do {
            number = try NationalNumber(row["national_number"], today: acts.today())
        } catch {
            throw FieldError(message: "national_number: \(error)")
        }
        // What cannot be seen is dropped where somebody types it; in a delivery it is a defect.
        guard let userName = UserName(row["username"]), userName.folded == row["username"].lowercased() else {
            throw FieldError(message: "username: 1 to 64 letters, digits or . _ - @ +")
        }
        guard let password = Password(new: row.exact("password")) else {
            throw FieldError(message: "password: 8 to 128 characters, none of them a control character")
        }
        guard let secret = Base32.decode(row["app_secret"]), (16...64).contains(secret.count) else {
            throw FieldError(message: "app_secret: base32 of 16 to 64 bytes")
        }
        guard let language = Language(rawValue: row["language"]) else {
            throw FieldError(message: "language: nl, fr, de or en")
        }
        let email = row["email"]
        guard TextRule.email.defect(in: email) == nil, email.contains("@"), !email.contains(" ") else {
            throw FieldError(message: "email: an address such as name@example.be")
        }
        let names = try names(row)
        return Wish(
            number: number, userName: userName, password: password, secret: secret,
            firstName: names.first, lastName: names.last, email: email, language: language)
    }

    private func names(_ row: ImportRow) throws(FieldError) -> PersonNames {
        do { return try PersonNames(first: row["first_name"], last: row["last_name"]) } catch {
            let column = error.part == .first ? "first_name" : "last_name"
            throw FieldError(
                message: error.defect == .missing
                    ? "last_name: a first name or a last name must be there"
                    : "\(column): at most 100 characters, no control characters")
        }
    }
}
