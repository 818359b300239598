import ContractCore
import EventOutbox
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
    /// Where the events of a request come from.
    let eventContext: @Sendable (AppContext) -> EventContext

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
        switch try await openDossier(target, by: requester) {
        case .allowed(let opened):
            return try Response.json(Self.view(opened), version: opened.dossier.contactVersion)
        case .refused(let refusal): throw Self.problem(refusal)
        }
    }

    @Sendable
    private func putContact(_ request: Request, _ context: AppContext) async throws -> Response {
        let requester = try await callers.personOrHolder(request, context)
        try await consistency.wait(request, by: requester.caller.actor)
        let id: DossierID = try context.identifier("dossierId")
        let seen = try request.requiredVersion()
        let body = try await request.decodeJSON(as: ContactData.self, context: context)
        let outcome = try await changeContact(
            id, to: try Self.contact(body), seen: seen, by: requester, context: eventContext(context))
        switch outcome {
        case .allowed(.changed(let version, let positions)):
            return try Response.json(
                ContactChanged(dossierId: id, version: version), positions: positions, version: version)
        case .allowed(.versionChanged):
            throw Problem(
                .versionMismatch,
                "Somebody changed the contact data after you looked at it; your change was not kept. Read it again.")
        case .refused(let refusal): throw Self.problem(refusal)
        }
    }

    private static func contact(_ body: ContactData) throws(Problem) -> Contact {
        do throws(ContactError) {
            return try Contact(
                email: body.email, phone: body.phone, street: body.street, postalCode: body.postalCode, city: body.city)
        } catch {
            throw Problem.invalidField(error.field.rawValue, error.explanation)
        }
    }

    /// A refusal as a problem: what the caller may not know of is not there.
    private static func problem(_ refusal: Refusal) -> Problem {
        switch refusal.reasons[0].code {
        case .dossierUnknown: Problem(.notFound)
        case .dossierNone: Problem(refusal, code: .notFound)
        case .dossierContextMismatch: Problem(refusal, code: .contextMismatch)
        default: Problem(refusal)
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
