package import Vocabulary

/// What an access manager typed to give somebody a right.
package struct RightForm: Sendable, Hashable {
    package let nationalNumber: String
    package let lastName: String
    package let role: String
    package let startsOn: String
    package let endsOn: String

    package init(nationalNumber: String, lastName: String, role: String, startsOn: String, endsOn: String) {
        self.nationalNumber = nationalNumber
        self.lastName = lastName
        self.role = role
        self.startsOn = startsOn
        self.endsOn = endsOn
    }

    /// The fields by the name they have in the form and in the texts.
    package enum Field: String, Sendable, Hashable, CaseIterable {
        case nationalNumber, lastName, role, startsOn, endsOn
    }

    /// A right as it can be asked for.
    package struct Request: Sendable, Hashable {
        /// Eleven digits; never shown again after this.
        package let nationalNumber: NationalNumber
        package let lastName: String
        package let role: String
        package let period: Period
    }

    /// The right that is asked for, or the fields that are wrong, in the order of the form.
    package func read(roles: Set<String>, today: LocalDate) -> Result<Request, RightFormFlaws> {
        var flaws: [Field] = []
        let number = try? NationalNumber(nationalNumber, today: today)
        if number == nil { flaws.append(.nationalNumber) }
        let name = try? TextRule.personName.read(lastName)
        if name == nil { flaws.append(.lastName) }
        if !roles.contains(role) { flaws.append(.role) }
        let start = Self.date(startsOn)
        if start.map({ $0 < today }) ?? true { flaws.append(.startsOn) }
        let end = endsOn.isEmpty ? nil : Self.date(endsOn)
        if !endsOn.isEmpty, end == nil { flaws.append(.endsOn) }
        guard flaws.isEmpty, let number, let name, let start, let period = Period(start: start, end: end) else {
            return .failure(RightFormFlaws(fields: flaws.isEmpty ? [.endsOn] : flaws))
        }
        return .success(Request(nationalNumber: number, lastName: name, role: role, period: period))
    }

    /// The fields that are wrong, in the order of the form; empty when all is well.
    package func flaws(roles: Set<String>, today: LocalDate) -> [Field] {
        guard case .failure(let flaws) = read(roles: roles, today: today) else { return [] }
        return flaws.fields
    }

    /// A date as a browser sends it (`2026-01-31`) or as people here write it (`31/01/2026`, `31-1-2026`, `31.1.2026`).
    package static func date(_ text: String) -> LocalDate? {
        if let date = LocalDate(text) { return date }
        let parts = text.split { "/.-".contains($0) }.map { Int($0) }
        guard parts.count == 3, let day = parts[0], let month = parts[1], let year = parts[2], year >= 1000 else {
            return nil
        }
        return LocalDate(year: year, month: month, day: day)
    }
}

/// The fields of a ``RightForm`` that are wrong.
package struct RightFormFlaws: Error, Sendable, Hashable {
    package let fields: [RightForm.Field]

    package init(fields: [RightForm.Field]) {
        self.fields = fields
    }
}
