import AuthenticationContracts
import AuthenticationDomain
import ContractCore
import Hummingbird
import Process
import Vocabulary
import Web

/// What the other services ask of this one, over the back channel.
///
/// | route | who |
/// | --- | --- |
/// | POST /interactions/{id}/redeem | a service with the scope `interactions`, once for each errand |
/// | PUT /interactions/{id}/choice | the service that redeemed the errand |
/// | POST /persons/resolve | a service with the scope `persons.resolve` |
/// | POST /persons/names | a service with the scope `persons.names` |
struct BackChannelRoutes: Sendable {
    let site: AuthenticationSite
    let redeem: RedeemInteraction
    let choose: ChooseProfile
    let resolve: ResolvePersons
    let names: NamePersons
    private static let maximumBases = 50

    func add(to router: Router<AppContext>) {
        let group = router.group()
            .add(middleware: BearerAuthentication(site.base.verifier, audience: .authentication))
        addNames(to: group)
        group.post("/interactions/:id/redeem") { request, context in
            let caller = try context.requireService(scope: Scope.interactions)
            let id = try interaction(context)
            let redeemed = try await redeem(
                id, client: caller.clientID, act: site.act(request, context))
            guard let redeemed else { throw Problem(.interactionUnknown) }
            return try Response.json(redeemed)
        }
        group.put("/interactions/:id/choice") { request, context in
            let caller = try context.requireService(scope: Scope.interactions)
            let id = try interaction(context)
            let body = try await request.decodeJSON(as: InteractionChoice.self, context: context)
            let resumption = try await choose(
                try choice(body), for: id, client: caller.clientID, act: site.act(request, context))
            guard let resumption else { throw Problem(.interactionUnknown) }
            return try Response.json(resumption)
        }
        group.post("/persons/resolve") { request, context in
            let caller = try context.requireService(scope: Scope.resolvePersons)
            let body = try await request.decodeJSON(as: ResolvePersonsRequest.self, context: context)
            guard (1...ResolvePersonsRequest.limit).contains(body.nationalNumbers.count) else {
                throw Problem.invalidField(
                    "nationalNumbers", "between 1 and \(ResolvePersonsRequest.limit) are taken at a time")
            }
            guard body.nationalNumbers.allSatisfy({ $0.utf8.count <= 32 }) else {
                throw Problem.invalidField("nationalNumbers", "one of them is longer than any national number")
            }
            return try Response.json(
                try await resolve(
                    body, client: caller.clientID, act: site.act(request, context)))
        }
    }

    /// Adds what tells persons' names.
    private func addNames(to group: some RouterMethods<AppContext>) {
        group.post("/persons/names") { request, context in
            let caller = try context.requireService(scope: Scope.personNames)
            let body = try await request.decodeJSON(as: PersonNamesRequest.self, context: context)
            guard (1...PersonNamesRequest.limit).contains(body.personIds.count) else {
                throw Problem.invalidField(
                    "personIds", "between 1 and \(PersonNamesRequest.limit) are taken at a time")
            }
            return try Response.json(
                try await names(
                    body, client: caller.clientID, act: site.act(request, context)))
        }
    }

    private func interaction(_ context: AppContext) throws(Problem) -> InteractionID {
        guard let id = context.parameters.get("id").flatMap({ InteractionID($0) }) else {
            throw Problem(.interactionUnknown)
        }
        return id
    }

    /// A profile that rests on something must come with what it rests on, or its tokens would outlive that.
    private func choice(_ body: InteractionChoice) throws(Problem) -> ChosenProfile {
        guard body.bases.count <= Self.maximumBases else { throw Problem.invalidField("bases", "too many") }
        var bases: [ProfileBasis] = []
        for basis in body.bases {
            guard basis.kind == .right || basis.kind == .dossier, let id = Identifier<ChosenProfile>(basis.id),
                basis.version >= 0
            else { throw Problem.invalidField("bases", "each is a right or a dossier with its id and version") }
            let value = ProfileBasis(kind: basis.kind.rawValue, id: id.description, version: basis.version)
            guard !bases.contains(where: { $0.kind == value.kind && $0.id == value.id }) else {
                throw Problem.invalidField("bases", "one of them occurs twice")
            }
            bases.append(value)
        }
        let needed: TokenBasis.Kind? =
            switch body.profile {
            case .citizen: nil
            case .profession: .dossier
            case .organisation: .right
            }
        if let needed, !bases.contains(where: { $0.kind == needed.rawValue }) {
            throw Problem.invalidField("bases", "this profile rests on a \(needed.rawValue), which is not named")
        }
        return ChosenProfile(profile: body.profile, bases: bases)
    }
}
