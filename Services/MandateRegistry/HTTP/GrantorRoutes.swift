import AuthenticationContracts
import ContractCore
package import Hummingbird
import MandateRegistryContracts
import MandateRegistryDomain
package import Vocabulary
package import Web

/// `POST /grantors/search`: person, scope `mandates`.
///
/// What is typed comes in the body, because a national number may be among it; it is turned into a person id by
/// authentication-service, and an unknown one is answered like one for whom no mandate is held.
package struct GrantorRoutes: Sendable {
    private let search: SearchGrantors
    private let persons: any PersonResolver
    private let today: @Sendable () -> LocalDate

    package init(search: SearchGrantors, persons: any PersonResolver, today: @escaping @Sendable () -> LocalDate) {
        self.search = search
        self.persons = persons
        self.today = today
    }

    /// Adds the operation.
    package func add(to group: RouterGroup<AppContext>) {
        group.post("/grantors/search", use: find)
    }

    @Sendable private func find(_ request: Request, _ context: AppContext) async throws -> Response {
        let caller = try context.requirePerson(scope: Scope.mandates)
        let asked = try await request.decodeJSON(as: GrantorSearch.self, limit: 4096, context: context)
        guard (1...GrantorSearch.lastPage).contains(asked.page) else {
            throw Problem.invalidField(
                "page",
                "must be from 1 to \(GrantorSearch.lastPage); name what you look for, or go on behind the last one.")
        }
        let actor = Actor(person: caller.personID, profile: caller.profile)
        let today = today()
        var criteria = try Self.criteria(asked)
        if let number = asked.nationalNumber?.presence {
            guard let valid = try? NationalNumber(number, today: today) else {
                throw Problem.invalidField("nationalNumber", "is not a valid national number.")
            }
            // Another service is asked only for who may search at all; whether she may is decided again with the search.
            let nobody = try await search.nobody(page: asked.page, for: actor, on: today)
            guard case .allowed = nobody else { return try answer(nobody) }
            let found = try await persons.resolve([valid.digits], .lookUp, origin: context.origin)
            guard let person = found.first ?? nil else { return try answer(nobody) }
            criteria.person = person
        }
        return try answer(await search(criteria, page: asked.page, for: actor, on: today))
    }

    private func answer(_ decision: Decision<SearchGrantors.Page>) throws -> Response {
        let page = try decision.granted(orTelling: "You cannot use mandates under this profile.")
        return try Response.json(
            GrantorPage(
                total: page.total, hasMore: page.hasMore, page: page.page,
                grantors: page.grantors.map { grantor in
                    GrantorPage.Grantor(
                        dossierId: grantor.dossier, firstName: grantor.firstName, lastName: grantor.lastName,
                        profession: grantor.profession, rizivNumber: grantor.rizivNumber,
                        mandateTypes: grantor.types)
                }))
    }

    private static func criteria(_ asked: GrantorSearch) throws(Problem) -> GrantorQuery.Criteria {
        var criteria = GrantorQuery.Criteria(
            lastName: try name(asked.lastName, "lastName"), firstName: try name(asked.firstName, "firstName"),
            behind: asked.behind)
        if let number = asked.rizivNumber?.presence {
            guard let valid = try? RizivNumber(number) else {
                throw Problem.invalidField("rizivNumber", "is not a valid RIZIV number of 8 or 11 digits.")
            }
            criteria.rizivPersonKey = valid.personKey
        }
        return criteria
    }

    private static func name(_ text: String?, _ field: String) throws(Problem) -> String? {
        guard let text = text?.presence else { return nil }
        guard TextRule.searchedName.defect(in: text) == nil else {
            throw Problem.invalidField(field, "may have at most 100 characters, and no control characters.")
        }
        return text
    }
}

extension String {
    /// The text, or nil when nothing but blanks was typed.
    var presence: String? { contains { !$0.isWhitespace } ? self : nil }
}
