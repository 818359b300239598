package import MandateRegistryDomain
package import Postgres
package import Vocabulary

/// Finds the grantors of whose mandates a holder may make use, by what was typed on "Mandaatgever zoeken".
///
/// The conditions repeat in SQL what `mayAct` decides of one dossier: a mandate in force, an open dossier. The search
/// starts from the mandates of the holder or from the names, whichever is less work: that depends on whose search it is,
/// so it is planned for each.
package struct GrantorQuery: Sendable {
    /// What is looked for; criteria that are given all have to fit.
    package struct Criteria: Sendable, Hashable {
        /// The first eight digits of a RIZIV number, which all numbers of one care provider share.
        package var rizivPersonKey: String?
        package var person: PersonID?
        package var lastName: String?
        package var firstName: String?
        /// Only those who come behind this dossier by name.
        package var behind: DossierID?

        package init(
            rizivPersonKey: String? = nil, person: PersonID? = nil, lastName: String? = nil, firstName: String? = nil,
            behind: DossierID? = nil
        ) {
            self.rizivPersonKey = rizivPersonKey
            self.person = person
            self.lastName = lastName
            self.firstName = firstName
            self.behind = behind
        }
    }

    /// A grantor who was found.
    package struct Found: Sendable, Hashable {
        package let dossier: DossierID
        package let firstName: String
        package let lastName: String
        package let profession: Profession
        package let rizivNumber: RizivNumber?
        package let types: [MandateType]
    }

    private let holder: Mandate.Holder
    private let criteria: Criteria
    private let day: LocalDate

    /// Makes the search for a holder on a day.
    package init(holder: Mandate.Holder, criteria: Criteria, on day: LocalDate) {
        self.holder = holder
        self.criteria = criteria
        self.day = day
    }

    /// Runs the search in one round trip: how many there are, counted up to one more than `most`, and those of one page
    /// from 1.
    ///
    /// - Parameter session: a transaction, for whose length the planner does not reuse plans.
    package func run(
        page: Int, size: Int, countingTo most: Int, in session: borrowing Session
    ) throws -> (total: Int, grantors: [Found]) {
        let answers = try session.pipeline([
            "SET LOCAL plan_cache_mode = force_custom_plan", count(to: most), select(page: page, size: size),
        ])
        guard answers.count == 3, let count = answers[1].first else { return (0, []) }
        return (Int(try count.decode(Int64.self)), try answers[2].map(Self.decode))
    }

    /// The number of grantors, or one more than `most` where there are more.
    package func count(to most: Int) -> SQL {
        """
        SELECT count(*) FROM (
            SELECT FROM grantor_dossier AS dossier WHERE \(fragment: condition) LIMIT \(most + 1)) AS counted
        """
    }

    /// One page of grantors, by name.
    package func select(page: Int, size: Int) -> SQL {
        """
        SELECT dossier.id, dossier.first_name, dossier.last_name, dossier.profession, dossier.riziv_number,
               ARRAY(SELECT DISTINCT held.type \(fragment: heldMandate) ORDER BY held.type)
        FROM grantor_dossier AS dossier WHERE \(fragment: condition)
        ORDER BY dossier.last_name_key, dossier.first_name_key, dossier.id
        LIMIT \(size) OFFSET \((page - 1) * size)
        """
    }

    private var heldMandate: SQL {
        """
        FROM mandate AS held
        WHERE held.grantor_dossier = dossier.id AND held.holder = \(holder.uuid) AND held.status = 'active'
          AND held.starts_on <= \(day) AND (held.ends_on IS NULL OR held.ends_on >= \(day))
        """
    }

    private var condition: SQL {
        var condition: SQL = """
            dossier.state = 'open' AND dossier.id IN (
                SELECT grantor_dossier FROM mandate AS held
                WHERE held.holder = \(holder.uuid) AND held.status = 'active'
                  AND held.starts_on <= \(day) AND (held.ends_on IS NULL OR held.ends_on >= \(day)))
            """
        if let key = criteria.rizivPersonKey {
            condition = "\(fragment: condition) AND dossier.riziv_person_key = \(key)"
        }
        if let person = criteria.person { condition = "\(fragment: condition) AND dossier.person = \(person)" }
        // From the folded text to the same text with the highest character after it: all that begins with it.
        if let name = criteria.lastName {
            condition = """
                \(fragment: condition) AND dossier.last_name_key >= fold_name(\(name))
                AND dossier.last_name_key < fold_name(\(name)) || U&'\\+10FFFF'
                """
        }
        if let name = criteria.firstName {
            condition = """
                \(fragment: condition) AND dossier.first_name_key >= fold_name(\(name))
                AND dossier.first_name_key < fold_name(\(name)) || U&'\\+10FFFF'
                """
        }
        if let behind = criteria.behind {
            condition = """
                \(fragment: condition) AND (dossier.last_name_key, dossier.first_name_key, dossier.id) > (
                    SELECT last.last_name_key, last.first_name_key, last.id FROM grantor_dossier AS last
                    WHERE last.id = \(behind))
                """
        }
        return condition
    }

    private static func decode(_ row: Row) throws -> Found {
        let (id, firstName, lastName, profession, rizivNumber, types) = try row.decode(
            DossierID.self, String.self, String.self, String.self, String?.self, [String].self)
        guard let profession = Profession(code: profession) else {
            throw StoredValueError("grantor_dossier", column: "profession")
        }
        return Found(
            dossier: id, firstName: firstName, lastName: lastName, profession: profession,
            rizivNumber: try rizivNumber.map { try RizivNumber($0) }, types: types.compactMap(MandateType.init))
    }
}
