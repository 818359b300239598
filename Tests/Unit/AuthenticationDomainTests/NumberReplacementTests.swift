import AuthenticationDomain
import FoundationEssentials
import Testing
import Vocabulary

/// What becomes of a person's numbers when a register replaces one.
@Suite("Replaced numbers")
struct NumberReplacementTests {
    private let one = PersonID(UUID())
    private let other = PersonID(UUID())

    private func known(_ person: PersonID, _ isCurrent: Bool) -> KnownNumber {
        KnownNumber(person: person, isCurrent: isCurrent)
    }

    @Test("whoever is known by one of the numbers keeps her id, and both lead to her")
    func outcomes() throws {
        #expect(try replaceNumber(former: nil, by: nil).get() == .meets)
        #expect(try replaceNumber(former: known(one, true), by: nil).get() == .replaces(one))
        for isCurrent in [true, false] {
            #expect(try replaceNumber(former: nil, by: known(one, isCurrent)).get() == .precedes(one))
            #expect(try replaceNumber(former: known(one, false), by: known(one, isCurrent)).get() == .unchanged)
        }
    }

    @Test("two persons are never put together, and no replacement is turned round or made twice")
    func defects() {
        for (former, new) in [(true, true), (true, false), (false, true), (false, false)] {
            #expect(
                replaceNumber(former: known(one, former), by: known(other, new)) == .failure(.twoPersons))
        }
        #expect(replaceNumber(former: known(one, false), by: nil) == .failure(.replacedBefore))
        #expect(replaceNumber(former: known(one, true), by: known(one, false)) == .failure(.reversed))
    }
}
