package import Vocabulary

/// What is wrong with a field of contact data.
package struct ContactError: Error, Hashable, Sendable {
    package enum Field: String, CaseIterable, Hashable, Sendable { case email, phone, street, postalCode, city }
    package enum Defect: String, Hashable, Sendable { case missing, tooLong = "too-long", malformed }

    package let field: Field
    package let defect: Defect

    package init(field: Field, defect: Defect) {
        self.field = field
        self.defect = defect
    }

    /// What to write instead, in English, as API answers and import verdicts say it.
    package var explanation: String {
        switch (field, defect) {
        case (_, .missing): "is missing"
        case (_, .tooLong): "may have at most \(Contact.rule(field).length.upperBound) characters"
        case (.email, .malformed): "must be an e-mail address such as name@practice.be"
        case (.phone, .malformed): "must be a telephone number of 6 to 15 digits, such as +32 2 739 71 11"
        case (_, .malformed): "may not hold control characters or characters that change the direction of text"
        }
    }
}

/// How a care provider or function holder is reached: all of it, each part checked.
package struct Contact: Hashable, Sendable {
    package let email: String
    package let phone: String
    package let street: String
    package let postalCode: String
    package let city: String

    /// Checks each field and leaves out the blanks around it.
    ///
    /// - Throws: the first defect in the order of the fields.
    package init(
        email: String, phone: String, street: String, postalCode: String, city: String
    ) throws(ContactError) {
        self.email = try Self.checked(email, .email, Self.isEmail)
        self.phone = try Self.checked(phone, .phone, Self.isPhone)
        self.street = try Self.checked(street, .street)
        self.postalCode = try Self.checked(postalCode, .postalCode)
        self.city = try Self.checked(city, .city)
    }

    /// What a field may hold.
    package static func rule(_ field: ContactError.Field) -> TextRule {
        switch field {
        case .email: .email
        case .phone: .phone
        case .street: .street
        case .postalCode: .postalCode
        case .city: .city
        }
    }

    private static func checked(
        _ text: String, _ field: ContactError.Field, _ isWellFormed: (String) -> Bool = { _ in true }
    ) throws(ContactError) -> String {
        let value: String
        do {
            value = try rule(field).read(text)
        } catch {
            switch error {
            case .missing: throw ContactError(field: field, defect: .missing)
            case .tooLong: throw ContactError(field: field, defect: .tooLong)
            case .tooShort, .malformed: throw ContactError(field: field, defect: .malformed)
            }
        }
        guard isWellFormed(value) else { throw ContactError(field: field, defect: .malformed) }
        return value
    }

    /// A local part, one @ and a domain with a dot; whether it exists only a message can tell.
    private static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !text.contains(where: \.isWhitespace),
            (1...64).contains(parts[0].utf8.count)
        else { return false }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2 && labels.allSatisfy { !$0.isEmpty && $0.utf8.count <= 63 }
    }

    private static func isPhone(_ text: String) -> Bool {
        let body = text.hasPrefix("+") ? text.dropFirst() : text[...]
        let digits = body.utf8.filter { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }.count
        return (6...15).contains(digits) && body.allSatisfy { $0.isASCII && ($0.isNumber || " ./()-".contains($0)) }
    }
}
