import ContractCore
import Imports
import Messaging
import OrganisationRightsDomain
import Postgres
import Process
import Vocabulary

/// What is wrong with a row of a file, for the person who made it; never repeats a personal number.
struct RowDefect: Error {
    let text: String

    init(_ text: String) { self.text = text }

    static func kboNumber(_ text: String) throws(RowDefect) -> EnterpriseNumber {
        do { return try EnterpriseNumber(text) } catch { throw RowDefect("kbo_number is not valid") }
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
    case written(EventDraft, action: String, organisation: OrganisationID, person: PersonID?, isNew: Bool)
}

/// What the imports have in common: a transaction per row, with its event and its audit record.
struct ImportWork: Sendable {
    let base: ServiceBase
    let outbox: Outbox
    /// The same for all rows of one run of the command.
    let origin: CallOrigin

    init(base: ServiceBase, outbox: Outbox) {
        self.base = base
        self.outbox = outbox
        origin = base.origin()
    }

    /// Applies one row whole or not at all.
    func row(
        _ body: @Sendable (borrowing Session, Instant) throws -> RowOutcome
    ) async throws -> ImportVerdict {
        let context = base.eventContext(correlationID: origin.requestID)
        let auditID = AuditID(base.newID())
        do {
            return try await outbox.transaction(on: base.database) { session in
                switch try body(session, context.time) {
                case .refused(let why): return .refused(why)
                case .unchanged: return .unchanged
                case .written(let event, let action, let organisation, let person, let isNew):
                    let audit = AuditEntry(
                        id: auditID, at: context.time, actor: nil, actorClient: base.name,
                        organisation: organisation, onBehalfOf: person, action: action, outcome: .allowed,
                        requestID: origin.requestID)
                    try outbox.append([event], audit: audit, context: context, in: session)
                    return isNew ? .added : .changed
                }
            }
        } catch let error as PostgresError where error.isUniqueViolation || error.isExclusionViolation {
            return .refused("somebody else wrote the same at the same moment; import the file again")
        }
    }

    /// Reads rows, asks for their persons in one call, and applies those that have one, in order.
    func withPersons<Entry>(
        _ rows: [ImportRow], _ persons: Persons, read: (ImportRow) throws(RowDefect) -> Entry,
        number: (Entry) -> NationalNumber, apply: (Entry, PersonID) async throws -> ImportVerdict
    ) async throws -> [ImportVerdict] {
        let entries = rows.map { row in
            do throws(RowDefect) {
                return Result<Entry, RowDefect>.success(try read(row))
            } catch {
                return .failure(error)
            }
        }
        let numbers = entries.compactMap { try? $0.get() }.map(number)
        var found = try await persons.persons(numbers, origin: origin)[...]
        var verdicts: [ImportVerdict] = []
        for entry in entries {
            switch entry {
            case .failure(let defect): verdicts.append(.refused(defect.text))
            case .success(let entry):
                guard let person = found.removeFirst() else {
                    verdicts.append(.refused("national_number is refused by authentication-service"))
                    continue
                }
                verdicts.append(try await apply(entry, person))
            }
        }
        return verdicts
    }
}
