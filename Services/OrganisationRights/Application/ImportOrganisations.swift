import AuditTrail
import Imports
import OrganisationRightsDomain
import Postgres
import Vocabulary

/// Takes in a file of organisations: each row registers one, changes one, or changes nothing.
struct ImportOrganisations: ImportHandler {
    static let columns = ["kbo_number", "riziv_number", "name", "type", "status"]

    let work: ImportWork

    func take(_ rows: [ImportRow], tell: (ImportVerdict) -> Void) async throws {
        for row in rows {
            switch Self.read(row) {
            case .failure(let defect): tell(.refused(defect.text))
            case .success(let description): tell(try await register(description))
            }
        }
    }

    private func register(_ described: Organisation.Description) async throws -> ImportVerdict {
        let newID = OrganisationID(work.acts.newID())
        return try await work.row { session, act in
            let known = try OrganisationStore.lock(described.numbers, in: session)
            guard known.count <= 1 else {
                return .refused("the KBO number and the RIZIV number belong to two different organisations")
            }
            let outcome = OrganisationRightsDomain.register(described, known: known.first, newID: newID)
            switch outcome {
            case .unchanged: return .unchanged
            case .registered(let organisation):
                try OrganisationStore.insert(organisation, at: act.time, in: session)
            case .changed(let organisation), .stopped(let organisation):
                try OrganisationStore.update(organisation, at: act.time, in: session)
            }
            guard let event = outcome.event else { return .unchanged }
            return .written(
                event, .registerOrganisation, organisation: outcome.organisation.id, person: nil,
                isNew: known.isEmpty)
        }
    }

    static func read(_ row: ImportRow) -> Result<Organisation.Description, RowDefect> {
        do throws(RowDefect) {
            var enterprise: EnterpriseNumber?
            if let text = row.optional("kbo_number") { enterprise = try RowDefect.kboNumber(text) }
            var riziv: RizivNumber?
            if let text = row.optional("riziv_number") {
                do { riziv = try RizivNumber(text) } catch { throw RowDefect("riziv_number is not valid") }
            }
            guard let numbers = Organisation.Numbers(enterprise: enterprise, riziv: riziv) else {
                throw RowDefect("kbo_number and riziv_number are both empty; one of them is needed")
            }
            let name = row["name"]
            guard TextRule.organisationName.defect(in: name) == nil else {
                throw RowDefect("name must have 1 to 200 characters, and no control or direction characters")
            }
            guard let type = OrganisationType(code: row["type"]) else {
                throw RowDefect("type is no organisation type of the catalogue")
            }
            guard let status = Organisation.Status(rawValue: row["status"]) else {
                throw RowDefect("status must be active or stopped")
            }
            return .success(Organisation.Description(numbers: numbers, name: name, type: type, status: status))
        } catch {
            return .failure(error)
        }
    }
}
