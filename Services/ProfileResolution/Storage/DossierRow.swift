import Postgres
import ProfileResolutionDomain
import Vocabulary

/// The columns of a dossier in their order, and a row of them.
enum DossierRow {
    static let columns: StaticString = """
        id, kind, person_id, version, contact_version, status, profession, first_name, last_name, riziv_number, visum, \
        visum_issued_on, function, organisation_name, organisation_kbo, organisation_riziv, email, phone, street, \
        postal_code, city, is_hers
        """

    static func decode(_ row: Row) throws -> Dossier {
        let id = try row.column(0, as: DossierID.self)
        let kind = try row.column(1, as: String.self)
        guard let status = DossierStatus(rawValue: try row.column(5, as: String.self)) else {
            throw StoredValueError("dossier", column: "status", row: "\(id)")
        }
        let (email, phone, street, postalCode, city) = (
            try row.column(16, as: String.self), try row.column(17, as: String.self),
            try row.column(18, as: String.self), try row.column(19, as: String.self),
            try row.column(20, as: String.self)
        )
        return Dossier(
            id: id, personID: try row.column(2, as: PersonID.self), isHers: try row.column(21, as: Bool.self),
            version: try row.column(3, as: Int64.self), contactVersion: try row.column(4, as: Int64.self),
            status: status,
            subject: kind == "care-provider"
                ? .careProvider(try careProvider(row, id)) : .functionHolder(try functionHolder(row, id)),
            contact: try Contact(email: email, phone: phone, street: street, postalCode: postalCode, city: city))
    }

    private static func careProvider(_ row: Row, _ id: DossierID) throws -> CareProvider {
        let visum = try row.column(10, as: String?.self).flatMap(Visum.init)
        let issuedOn = try row.column(11, as: LocalDate?.self)
        let issued = visum.flatMap { visum in issuedOn.map { IssuedVisum(number: visum, issuedOn: $0) } }
        let number = try row.column(9, as: String?.self).map { try RizivNumber($0) }
        guard let profession = try row.column(6, as: String?.self).flatMap(Profession.init(code:)),
            let recognition = Recognition(rizivNumber: number, visum: issued)
        else { throw StoredValueError("dossier", column: "profession", row: "\(id)") }
        return CareProvider(
            profession: profession, firstName: try row.column(7, as: String.self),
            lastName: try row.column(8, as: String.self), recognition: recognition)
    }

    private static func functionHolder(_ row: Row, _ id: DossierID) throws -> FunctionHolder {
        let employer = Employer(
            name: try row.column(13, as: String.self),
            enterpriseNumber: try row.column(14, as: String?.self).map { try EnterpriseNumber($0) },
            rizivNumber: try row.column(15, as: String?.self).map { try RizivNumber($0) })
        guard let employer else { throw StoredValueError("dossier", column: "employer", row: "\(id)") }
        return FunctionHolder(function: try row.column(12, as: String.self), organisation: employer)
    }

    /// The parts of a subject as they are bound, absent ones as NULL.
    struct Parts {
        var kind = ""
        var profession: String?
        var firstName: String?
        var lastName: String?
        var rizivNumber: String?
        var visum: String?
        var visumIssuedOn: LocalDate?
        var function: String?
        var organisationName: String?
        var organisationKBO: String?
        var organisationRIZIV: String?

        init(_ subject: DossierSubject) {
            switch subject {
            case .careProvider(let provider):
                kind = "care-provider"
                profession = provider.profession.code
                firstName = provider.firstName
                lastName = provider.lastName
                rizivNumber = provider.recognition.rizivNumber?.digits
                visum = provider.recognition.visum?.number.text
                visumIssuedOn = provider.recognition.visum?.issuedOn
            case .functionHolder(let holder):
                kind = "function-holder"
                function = holder.function
                organisationName = holder.organisation.name
                organisationKBO = holder.organisation.enterpriseNumber?.digits
                organisationRIZIV = holder.organisation.rizivNumber?.digits
            }
        }
    }
}
