import Imports
import Process
import ProfileResolutionDomain
import Vocabulary

/// What is wrong with a row of an import file; never repeats a personal number.
struct RowDefect: Error {
    let column: String
    let why: String

    var text: String { "\(column): \(why)" }
}

/// A row that was understood; whose it is has to be looked up still.
struct ReadRow: Sendable {
    let nationalNumber: NationalNumber
    let status: DossierStatus
    let subject: DossierSubject
    let contact: Contact
    let lastName: LastName

    /// - Parameter known: the person's last name, or the only name that she has; nothing while nobody has told it.
    func delivery(of person: PersonID, called known: String?) -> DossierDelivery {
        DossierDelivery(
            personID: person, status: status, subject: subject, contact: contact, lastName: lastName, known: known)
    }
}

/// How the rows of both files are understood.
enum DossierRows {
    /// A row of `care-providers.csv`.
    static func careProvider(_ row: ImportRow, today: LocalDate) throws(RowDefect) -> ReadRow {
        guard let profession = Profession(code: row["profession"]) else {
            throw RowDefect(column: "profession", why: "is no code of the catalogue, such as persphysician")
        }
        guard let status = DossierStatus(rawValue: row["dossier_state"]), status != .closed else {
            throw RowDefect(column: "dossier_state", why: "must be open, being-set-up or suspended")
        }
        let number = try rizivNumber(row, "riziv_number")
        guard let recognition = Recognition(rizivNumber: number, visum: try visum(row, today: today)) else {
            throw RowDefect(column: "riziv_number", why: "or visum must be there")
        }
        let names = try names(row)
        let provider = CareProvider(
            profession: profession, firstName: names.first, lastName: names.last, recognition: recognition)
        return ReadRow(
            nationalNumber: try nationalNumber(row, today: today), status: status, subject: .careProvider(provider),
            contact: try contact(row),
            lastName: try lastName(provider.calledName, names.last.isEmpty ? "first_name" : "last_name"))
    }

    /// A row of `non-care-providers.csv`.
    ///
    /// - Parameter functions: The codes of the configured catalogue.
    static func functionHolder(
        _ row: ImportRow, functions: Set<String>, today: LocalDate
    ) throws(RowDefect) -> ReadRow {
        guard functions.contains(row["function"]) else {
            let known = functions.sorted().joined(separator: ", ")
            throw RowDefect(column: "function", why: "is none of the configured functions: \(known)")
        }
        let employer = Employer(
            name: try line(row, "organisation_name", .organisationName),
            enterpriseNumber: try enterpriseNumber(row, "organisation_kbo"),
            rizivNumber: try rizivNumber(row, "organisation_riziv"))
        guard let employer else {
            throw RowDefect(column: "organisation_kbo", why: "or organisation_riziv must be there")
        }
        return ReadRow(
            nationalNumber: try nationalNumber(row, today: today), status: .open,
            subject: .functionHolder(FunctionHolder(function: row["function"], organisation: employer)),
            contact: try contact(row), lastName: try lastName(row["last_name"], "last_name"))
    }

    private static func nationalNumber(_ row: ImportRow, today: LocalDate) throws(RowDefect) -> NationalNumber {
        do {
            return try NationalNumber(row["national_number"], today: today)
        } catch {
            let why =
                switch error {
                case .characters: "may hold digits, spaces, dots and hyphens only"
                case .length: "must have 11 digits"
                case .checkDigits: "the check digits do not fit"
                case .month: "the month of birth does not exist"
                case .day: "the month of birth has no such day"
                case .sequence: "the sequence is not given out"
                case .future: "the date of birth lies in the future"
                }
            throw RowDefect(column: "national_number", why: why)
        }
    }

    private static func rizivNumber(_ row: ImportRow, _ column: String) throws(RowDefect) -> RizivNumber? {
        guard let text = row.optional(column) else { return nil }
        do {
            return try RizivNumber(text)
        } catch {
            let why =
                switch error {
                case .characters: "may hold digits, spaces, dots, hyphens and slashes only"
                case .length: "must have 8 or 11 digits"
                case .prefix: "may not begin with 0"
                case .checkDigits: "the check digits do not fit"
                }
            throw RowDefect(column: column, why: why)
        }
    }

    private static func enterpriseNumber(_ row: ImportRow, _ column: String) throws(RowDefect) -> EnterpriseNumber? {
        guard let text = row.optional(column) else { return nil }
        do {
            return try EnterpriseNumber(text)
        } catch {
            let why =
                switch error {
                case .characters: "may hold digits, spaces, dots, hyphens and slashes only"
                case .length: "must have 10 digits"
                case .prefix: "must begin with 0 or 1"
                case .checkDigits: "the check digits do not fit"
                }
            throw RowDefect(column: column, why: why)
        }
    }

    private static func visum(_ row: ImportRow, today: LocalDate) throws(RowDefect) -> IssuedVisum? {
        switch (row.optional("visum"), row.optional("visum_date")) {
        case (nil, nil): return nil
        case (let text?, let date?):
            guard let number = Visum(text) else {
                throw RowDefect(column: "visum", why: "must have 1 to 64 printable characters")
            }
            guard let issuedOn = LocalDate(date), issuedOn <= today else {
                throw RowDefect(column: "visum_date", why: "must be a past date such as 2026-01-31")
            }
            return IssuedVisum(number: number, issuedOn: issuedOn)
        case (_?, nil): throw RowDefect(column: "visum_date", why: "must go with the visum")
        case (nil, _?): throw RowDefect(column: "visum", why: "must go with the visum_date")
        }
    }

    private static func names(_ row: ImportRow) throws(RowDefect) -> PersonNames {
        do { return try PersonNames(first: row["first_name"], last: row["last_name"]) } catch {
            guard error.defect != .missing else {
                throw RowDefect(column: "last_name", why: "or first_name must be there")
            }
            throw RowDefect(
                column: error.part == .first ? "first_name" : "last_name", why: why(error.defect, .personName))
        }
    }

    private static func lastName(_ text: String, _ column: String) throws(RowDefect) -> LastName {
        do { return try LastName(text) } catch { throw RowDefect(column: column, why: why(error, .personName)) }
    }

    private static func line(_ row: ImportRow, _ column: String, _ rule: TextRule) throws(RowDefect) -> String {
        do { return try rule.read(row[column]) } catch { throw RowDefect(column: column, why: why(error, rule)) }
    }

    private static func why(_ defect: TextRule.Defect, _ rule: TextRule) -> String {
        switch defect {
        case .missing: "is missing"
        case .tooShort, .tooLong: "must have \(rule.length.lowerBound) to \(rule.length.upperBound) characters"
        case .malformed: "may not hold control characters or characters that change the direction of text"
        }
    }

    private static func contact(_ row: ImportRow) throws(RowDefect) -> Contact {
        do {
            return try Contact(
                email: row["email"], phone: row["phone"], street: row["street"], postalCode: row["postal_code"],
                city: row["city"])
        } catch {
            let column = error.field == .postalCode ? "postal_code" : error.field.rawValue
            throw RowDefect(column: column, why: error.explanation)
        }
    }
}
