import ContractCore
import Hummingbird
import ProfileResolutionContracts
import ProfileResolutionDomain
import Vocabulary
import Web

/// The operations on dossiers.
///
/// | operation | caller |
/// | --- | --- |
/// | `GET /me/dossier` | a person with the scope `dossier`: her own under the profile of her token |
/// | `GET /dossiers/{dossierId}` | the same, or a mandate holder with a dossier context and `Toegang-Tab` |
/// | `PUT /dossiers/{dossierId}/contact` | the same, with `If-Match` |
struct DossierRoutes: Sendable {
    let callers: DossierCallers
    let consistency: ConsistencyMiddleware
    let openDossier: OpenDossier
    let changeContact: ChangeContact

    func add(to router: some RouterMethods<AppContext>) {
        router.get("/me/dossier") { request, context in
            let requester = try await callers.person(request, context)
            try await consistency.wait(request, by: requester.caller.actor)
            return try await open(.own, by: requester)
        }
        router.get("/dossiers/{dossierId}") { request, context in
            let requester = try await callers.personOrHolder(request, context)
            try await consistency.wait(request, by: requester.caller.actor)
            return try await open(.id(try context.identifier("dossierId")), by: requester)
        }
        router.put("/dossiers/{dossierId}/contact", use: putContact)
    }

    private func open(_ target: OpenDossier.Target, by requester: Requester) async throws -> Response {
        let opened = try await openDossier(target, by: requester).granted()
        return try Response.json(Self.view(opened), version: opened.dossier.contactVersion)
    }

    @Sendable
    private func putContact(_ request: Request, _ context: AppContext) async throws -> Response {
        let requester = try await callers.personOrHolder(request, context)
        try await consistency.wait(request, by: requester.caller.actor)
        let id: DossierID = try context.identifier("dossierId")
        let seen = try request.requiredVersion()
        let body = try await request.decodeJSON(as: ContactData.self, context: context)
        let changed = try await changeContact(id, to: Self.contact(body), seen: seen, by: requester).granted()
        return try Response.json(
            ContactChanged(dossierId: id, version: changed.version), positions: changed.positions,
            version: changed.version)
    }

    private static func contact(_ body: ContactData) throws(Problem) -> Contact {
        do throws(ContactError) {
            return try Contact(
                email: body.email, phone: body.phone, street: body.street, postalCode: body.postalCode, city: body.city)
        } catch {
            throw Problem.invalidField(error.field.rawValue, error.explanation)
        }
    }

    private static func view(_ opened: OpenedDossier) -> DossierView {
        let dossier = opened.dossier
        let contact = dossier.contact
        var provider: CareProvider?
        var holder: FunctionHolder?
        switch dossier.subject {
        case .careProvider(let subject): provider = subject
        case .functionHolder(let subject): holder = subject
        }
        return DossierView(
            dossierId: dossier.id, kind: provider == nil ? .functionHolder : .careProvider,
            version: dossier.contactVersion, firstName: provider?.firstName ?? "", lastName: provider?.lastName ?? "",
            profession: provider?.profession, rizivNumber: provider?.recognition.rizivNumber,
            function: holder?.function, organisationName: holder?.organisation.name, state: dossier.status.rawValue,
            contact: opened.grant.actions.contains(.viewContact)
                ? ContactData(
                    email: contact.email, phone: contact.phone, street: contact.street,
                    postalCode: contact.postalCode, city: contact.city) : nil,
            actions: opened.grant.actions)
    }
}
