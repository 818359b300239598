import AuditTrail
import EventOutbox
import Imports
import OrganisationRightsDomain
import Postgres
import Vocabulary

/// What is wrong with a row of a file, for the person who made it; never repeats a personal number.
struct RowDefect: Error {
    let text: String

    init(_ text: String) { self.text = text }

    static func kboNumber(_ text: String) throws(RowDefect) -> EnterpriseNumber {
        do { return try EnterpriseNumber(text) } catch { throw RowDefect("kbo_number is not valid") }
    }

    static func lastName(_ text: String) throws(RowDefect) -> LastName {
        do { return try LastName(text) } catch {
            throw RowDefect("last_name must have 1 to 100 characters, and no control or direction characters")
        }
    }

    static func nationalNumber(_ text: String, today: LocalDate) throws(RowDefect) -> NationalNumber {
        do {
            return try NationalNumber(text, today: today)
        } catch {
            throw RowDefect("national_number is not valid")
        }
    }

    /// Why a decision went against a row.
    static func text(_ refusal: Refusal) -> String {
        refusal.reasons.map { reason in
            switch reason.code {
            case .organisationStopped: "the organisation was stopped"
            case .rightRoleUnknown: "role is not in the configured catalogue"
            case .rightAlreadyGiven: "the person has this right for several periods that overlap with this one"
            default: reason.code.rawValue
            }
        }.joined(separator: "; ")
    }
}

/// What the transaction of one row came to.
enum RowOutcome: Sendable {
    case refused(String)
    case unchanged
    /// The same waits already.
    case waitsOn
    /// Something that is in no event was written, about a person.
    case quiet(AuditAction, organisation: OrganisationID, person: PersonID, ImportVerdict)
    case written(EventDraft, AuditAction, organisation: OrganisationID, person: PersonID?, isNew: Bool)
}

/// What the imports have in common: a transaction per row, with its event and its audit record.
struct ImportWork: Sendable {
    let database: Database
    let outbox: Outbox
    let acts: Acts
    /// The same for all rows of one run of the command.
    private let run: String

    init(database: Database, outbox: Outbox, acts: Acts) {
        self.database = database
        self.outbox = outbox
        self.acts = acts
        run = acts.own().requestID
    }

    /// The act of taking in what comes now.
    func act() -> ProgramAct { acts.own(run: run) }

    /// Applies one row whole or not at all.
    func row(
        _ body: @Sendable (borrowing Session, ProgramAct) throws -> RowOutcome
    ) async throws -> ImportVerdict {
        let act = act()
        do {
            return try await outbox.transaction(on: database) { session in
                switch try body(session, act) {
                case .refused(let why): return .refused(why)
                case .unchanged: return .unchanged
                case .waitsOn: return .waits
                case .quiet(let action, let organisation, let person, let verdict):
                    let about = ActSubject(person: person, organisation: organisation)
                    try Audit.record(act.record(action, about: about), in: session)
                    return verdict
                case .written(let event, let action, let organisation, let person, let isNew):
                    let about = ActSubject(person: person, organisation: organisation)
                    try outbox.append([event], audit: act.record(action, about: about), in: session)
                    return isNew ? .added : .changed
                }
            }
        } catch let error as PostgresError where error.isUniqueViolation || error.isExclusionViolation {
            return .refused("somebody else wrote the same at the same moment; import the file again")
        }
    }

    static let unknownOrganisation = "the organisation is unknown; import it first"

    /// Reads rows, asks for the persons of those that nothing speaks against in one call, and applies them in order.
    ///
    /// - Parameter defect: what speaks against an entry before it is known whose it is; read without a lock, so
    ///   `apply` decides again.
    func withPersons<Entry: Sendable>(
        _ rows: [ImportRow], _ persons: Persons, _ tell: (ImportVerdict) -> Void,
        read: (ImportRow) throws(RowDefect) -> Entry, number: (Entry) -> NationalNumber,
        defect: @escaping @Sendable (Entry, borrowing Session) throws -> String?,
        apply: (Entry, Persons.Holder) async throws -> ImportVerdict
    ) async throws {
        var entries: [Result<Entry, RowDefect>] = []
        for row in rows {
            let entry: Entry
            do { entry = try read(row) } catch {
                entries.append(.failure(error))
                continue
            }
            let against = try await database.read { session in try defect(entry, session) }
            entries.append(against.map { .failure(RowDefect($0)) } ?? .success(entry))
        }
        let numbers = entries.compactMap { try? $0.get() }.map(number)
        var found = try await persons.holders(of: numbers, origin: act().origin)[...]
        for entry in entries {
            switch entry {
            case .failure(let defect): tell(.refused(defect.text))
            case .success(let entry):
                guard let holder = found.removeFirst() else {
                    tell(.refused("national_number is refused by authentication-service"))
                    continue
                }
                tell(try await apply(entry, holder))
            }
        }
    }
}
