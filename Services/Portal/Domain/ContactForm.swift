package import Vocabulary

/// What a person typed in the form for contact data.
package struct ContactForm: Sendable, Hashable {
    package let email: String
    package let phone: String
    package let street: String
    package let postalCode: String
    package let city: String

    package init(email: String, phone: String, street: String, postalCode: String, city: String) {
        self.email = email
        self.phone = phone
        self.street = street
        self.postalCode = postalCode
        self.city = city
    }

    /// The fields by the name they have in the form and in the texts.
    package enum Field: String, Sendable, Hashable, CaseIterable {
        case email, phone, street, postalCode, city

        /// What a value may be.
        package var rule: TextRule {
            switch self {
            case .email: .email
            case .phone: .phone
            case .street: .street
            case .postalCode: .postalCode
            case .city: .city
            }
        }

        /// The most characters that a value may have.
        package var maximumLength: Int { rule.length.upperBound }
    }

    /// What is wrong with a field.
    package enum Flaw: String, Sendable, Hashable, CaseIterable {
        case missing, tooLong = "too-long", malformed
    }

    package func value(_ field: Field) -> String {
        switch field {
        case .email: email
        case .phone: phone
        case .street: street
        case .postalCode: postalCode
        case .city: city
        }
    }

    /// What is wrong, field by field, in the order of the form; empty when all is well.
    package var flaws: [(field: Field, flaw: Flaw)] {
        Field.allCases.compactMap { field in flaw(of: field).map { (field, $0) } }
    }

    private func flaw(of field: Field) -> Flaw? {
        let text = value(field)
        switch field.rule.defect(in: text) {
        case .missing?: return .missing
        case .tooLong?: return .tooLong
        case .tooShort?, .malformed?: return .malformed
        case nil: break
        }
        switch field {
        case .email: return Self.isEmail(text) ? nil : .malformed
        case .phone: return Self.isPhone(text) ? nil : .malformed
        case .street, .postalCode, .city: return nil
        }
    }

    /// One `@` with something around it, a dot in the domain and no space; whether mail arrives only mail can tell.
    private static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !text.contains(where: \.isWhitespace) else { return false }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2 && labels.allSatisfy { !$0.isEmpty }
    }

    private static func isPhone(_ text: String) -> Bool {
        let digits = text.filter(\.isNumber).count
        return (6...15).contains(digits) && text.allSatisfy { $0.isASCII && ($0.isNumber || " +()/.-".contains($0)) }
    }
}
