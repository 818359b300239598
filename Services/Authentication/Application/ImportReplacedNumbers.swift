import AuditTrail
import AuthenticationDomain
import EventOutbox
package import Imports
import Postgres
import Process
import Vocabulary

/// Takes in `replaced-numbers.csv`: which number of a register stands in the place of which.
///
/// A person keeps her id, and both numbers lead to her. Both are locked in one order before it is looked whose they are,
/// so that two deliveries, or a delivery and a look-up, never make two persons of one.
package struct ImportReplacedNumbers: ImportHandler {
    /// The columns of the file.
    package static let columns = ["former_number", "national_number", "reason"]

    private struct Wish {
        let former: NationalNumber
        let number: NationalNumber
        let reason: ReplacementReason
    }

    private struct Defect: Error {
        let text: String
    }

    let database: Database
    let outbox: Outbox
    let acts: Acts
    let hashes: KeyedHashes
    let persons: PersonStore

    package func take(_ rows: [ImportRow], tell: (ImportVerdict) -> Void) async throws {
        for row in rows { tell(try await take(row)) }
    }

    private func take(_ row: ImportRow) async throws -> ImportVerdict {
        let wish: Wish
        do { wish = try read(row) } catch { return .refused(error.text) }
        let act = acts.own()
        return try await outbox.transaction(on: database) { session in
            try persons.lock([wish.former, wish.number], in: session)
            let decision = replaceNumber(
                former: try persons.known(wish.former, in: session), by: try persons.known(wish.number, in: session))
            switch decision {
            case .failure(let defect): return .refused(Self.text(defect))
            case .success(.unchanged): return .unchanged
            case .success(let outcome):
                let person = try apply(outcome, wish, at: act.time, in: session)
                let version = try persons.changed(person, in: session)
                let entry = act.record(.replaceNumber, actor: nil, client: "authentication")
                try outbox.append(
                    [personChanged(person, version: version)], audit: entry, in: session)
                return outcome == .meets ? .added : .changed
            }
        }
    }

    private func apply(
        _ outcome: ReplacementOutcome, _ wish: Wish, at now: Instant, in session: borrowing Session
    ) throws -> PersonID {
        switch outcome {
        case .replaces(let person):
            try persons.replace(with: wish.number, of: person, because: wish.reason, at: now, in: session)
            return person
        case .precedes(let person):
            try persons.addFormer(wish.former, of: person, because: wish.reason, at: now, in: session)
            return person
        case .meets, .unchanged:
            let met = try persons.findOrCreate(
                [wish.former], at: now, newID: hashes.person(of:), in: session)
            guard let person = met[wish.former] else { throw StoredValueError("person_number_index") }
            try persons.replace(with: wish.number, of: person, because: wish.reason, at: now, in: session)
            return person
        }
    }

    private func read(_ row: ImportRow) throws(Defect) -> Wish {
        let former = try number(row, "former_number")
        let number = try number(row, "national_number")
        guard former != number else { throw Defect(text: "national_number: is the former number itself") }
        guard let reason = ReplacementReason(rawValue: row["reason"]) else {
            throw Defect(
                text: "reason: " + ReplacementReason.allCases.map(\.rawValue).joined(separator: " or "))
        }
        return Wish(former: former, number: number, reason: reason)
    }

    private func number(_ row: ImportRow, _ column: String) throws(Defect) -> NationalNumber {
        do { return try NationalNumber(row[column], today: acts.today()) } catch {
            throw Defect(text: "\(column): \(error)")
        }
    }

    private static func text(_ defect: ReplacementDefect) -> String {
        switch defect {
        case .twoPersons:
            "the two numbers belong to two persons who were met apart; nothing is put together, see the runbook"
        case .replacedBefore: "former_number: was replaced by another number before"
        case .reversed: "national_number: was replaced by the former number before"
        }
    }
}
