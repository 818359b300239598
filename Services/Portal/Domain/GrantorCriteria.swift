package import Vocabulary

/// What a mandate holder typed on "Mandaatgever zoeken".
package struct GrantorCriteria: Sendable, Hashable, Codable {
    package let rizivNumber: String
    package let nationalNumber: String
    package let lastName: String
    package let firstName: String
    /// From 1.
    package let page: Int
    /// Where the pages begin; at the first result when there is none.
    package let behind: DossierID?

    package init(
        rizivNumber: String, nationalNumber: String, lastName: String, firstName: String, page: Int,
        behind: DossierID? = nil
    ) {
        self.rizivNumber = rizivNumber
        self.nationalNumber = nationalNumber
        self.lastName = lastName
        self.firstName = firstName
        self.page = page
        self.behind = behind
    }

    /// The fields by the name they have in the form and in the texts.
    package enum Field: String, Sendable, Hashable, CaseIterable {
        case rizivNumber, nationalNumber, lastName, firstName
    }

    /// The most characters that a field takes.
    package static let maximumLength = TextRule.searchedName.length.upperBound

    /// What cannot be searched for, in the order of the form; empty when all is well.
    package func flaws(today: LocalDate) -> [Field] {
        var flaws: [Field] = []
        if !rizivNumber.isEmpty, (try? RizivNumber(rizivNumber)) == nil { flaws.append(.rizivNumber) }
        if !nationalNumber.isEmpty, (try? NationalNumber(nationalNumber, today: today)) == nil {
            flaws.append(.nationalNumber)
        }
        if TextRule.searchedName.defect(in: lastName) != nil { flaws.append(.lastName) }
        if TextRule.searchedName.defect(in: firstName) != nil { flaws.append(.firstName) }
        return flaws
    }

    /// Whether nothing is searched for, which finds everybody.
    package var isEmpty: Bool {
        rizivNumber.isEmpty && nationalNumber.isEmpty && lastName.isEmpty && firstName.isEmpty
    }

    /// The same search at another page of its results.
    package func at(_ page: Int) -> GrantorCriteria {
        GrantorCriteria(
            rizivNumber: rizivNumber, nationalNumber: nationalNumber, lastName: lastName, firstName: firstName,
            page: page, behind: behind)
    }

    /// The same search from the result that comes behind this one.
    package func behind(_ last: DossierID) -> GrantorCriteria {
        GrantorCriteria(
            rizivNumber: rizivNumber, nationalNumber: nationalNumber, lastName: lastName, firstName: firstName, page: 1,
            behind: last)
    }

    /// The same search with fields that are longer than they may be cut to one character more: what is wrong with them
    /// stays to be seen, and an address stays short.
    package var bounded: GrantorCriteria {
        func cut(_ text: String) -> String {
            String(String.UnicodeScalarView(text.unicodeScalars.prefix(Self.maximumLength + 1)))
        }
        return GrantorCriteria(
            rizivNumber: cut(rizivNumber), nationalNumber: cut(nationalNumber), lastName: cut(lastName),
            firstName: cut(firstName), page: page, behind: behind)
    }

    /// How many pages a number of results takes, at least one.
    package static func pages(total: Int, size: Int) -> Int {
        max(1, total / size + (total % size > 0 ? 1 : 0))
    }
}
