import ContractCore
import Hummingbird
import ProfileResolutionContracts
import ProfileResolutionDomain
import Vocabulary
import Web

/// The operations on profiles.
///
/// | operation | caller |
/// | --- | --- |
/// | `GET /persons/{personId}/profiles` | a service with the scope `profiles.read` |
/// | `GET /me/profiles` | a person with the scope `profiles`: her own |
struct ProfileRoutes: Sendable {
    let listProfiles: ListProfiles

    func add(to router: some RouterMethods<AppContext>) {
        router.getAndHead("/persons/{personId}/profiles") { request, context in
            _ = try context.requireService(scope: Scope.readProfiles)
            return try await list(of: try context.identifier("personId"), request, context)
        }
        router.getAndHead("/me/profiles") { request, context in
            let caller = try context.requirePerson(scope: Scope.profiles)
            return try await list(of: caller.personID, request, context)
        }
    }

    private func list(of person: PersonID, _ request: Request, _ context: AppContext) async throws -> Response {
        let page = try await listProfiles(of: person, in: context.language, behind: try Self.after(request))
        return try Response.json(ProfileList(profiles: page.options.map(Self.entry), next: page.next))
    }

    private static func after(_ request: Request) throws(Problem) -> OrganisationID? {
        guard let text = request.uri.queryParameters["after"] else { return nil }
        guard let id = OrganisationID(String(text)) else {
            throw .invalidField("after", "This is no id of an organisation.")
        }
        return id
    }

    private static func entry(_ option: ProfileOption) -> ProfileList.Entry {
        let names = Language.allCases.map { ($0.rawValue, option.name[$0]) }
        return ProfileList.Entry(
            profile: option.profile, name: Dictionary(names, uniquingKeysWith: { first, _ in first }),
            available: option.refusal == nil, reasons: option.refusal?.reasons ?? [],
            holdsMandates: option.holdsMandates, dossierId: option.dossierID)
    }
}
