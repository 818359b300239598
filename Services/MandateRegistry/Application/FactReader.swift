import ContractCore
import EventOutbox
import Following
package import MandateRegistryDomain
package import Postgres
package import Vocabulary

/// Reads the facts of a decision, each marked as uncertain when the events behind it do not arrive in order.
///
/// What is in doubt is read first, so that nothing is taken for certain that was read before it was.
package enum FactReader {
    /// Reads what decides whether an actor may act on a dossier.
    package static func actFacts(
        _ actor: Actor, on dossier: DossierID, in session: borrowing Session
    ) throws -> ActFacts {
        let (holder, organisation) = holder(of: actor)
        guard let holder else { return ActFacts(organisation: .absent, dossier: .absent, mandates: []) }
        var batch = [
            Doubts.statement([.grantorDossiers, .organisationStanding]), MandateStore.held(by: holder, of: dossier),
            DossierStore.find(dossier),
        ]
        if let organisation { batch.append(OrganisationStore.standing(of: actor.person, in: organisation)) }
        let answers = try session.pipeline(batch)
        let doubts = try Doubts(answers[0])
        return ActFacts(
            organisation: try organisation.map { id in
                known(standing: try OrganisationStore.decodeStanding(answers[3]), of: id, doubts)
            } ?? .absent,
            dossier: known(dossier: try answers[2].first.map(DossierStore.decode), of: dossier, doubts),
            mandates: try answers[1].map(MandateRow.decode))
    }

    /// Reads the organisation of an actor's profile with her rights there; `.absent` under another profile.
    package static func standing(
        of actor: Actor, in session: borrowing Session
    ) throws -> Knowledge<OrganisationStanding> {
        guard let organisation = holder(of: actor).organisation else { return .absent }
        let answers = try session.pipeline([
            Doubts.statement([.organisationStanding]), OrganisationStore.standing(of: actor.person, in: organisation),
        ])
        let standing = try OrganisationStore.decodeStanding(answers[1])
        return known(standing: standing, of: organisation, try Doubts(answers[0]))
    }

    /// Reads the dossier of a person in a profession, for whoever takes a mandate into the register.
    ///
    /// It is uncertain as well while the registry's own mandates are those of a backup: one that was stopped since would
    /// begin again.
    package static func dossier(
        of person: PersonID, in profession: Profession, session: borrowing Session
    ) throws -> Knowledge<GrantorDossier> {
        let doubts = try Doubts.read([.grantorDossiers], in: session)
        if try AdoptionStore.areOwnFactsInDoubt(in: session) { return .uncertain }
        guard let dossier = try DossierStore.find(of: person, in: profession, session: session) else {
            return doubts.touch(.profileResolution) ? .uncertain : .absent
        }
        return known(dossier: dossier, of: dossier.id, doubts)
    }

    private static func known(
        dossier: GrantorDossier?, of id: DossierID, _ doubts: Doubts
    ) -> Knowledge<GrantorDossier> {
        if doubts.cover(id.uuid, of: .profileResolution) { return .uncertain }
        return dossier.map(Knowledge.known) ?? .absent
    }

    private static func known(
        standing: OrganisationStanding?, of id: OrganisationID, _ doubts: Doubts
    ) -> Knowledge<OrganisationStanding> {
        let keys = [id.uuid] + (standing?.executorRights.map(\.id.uuid) ?? [])
        if keys.contains(where: { doubts.cover($0, of: .organisationRights) }) { return .uncertain }
        return standing.map(Knowledge.known) ?? .absent
    }

    /// The holder whose mandates a profile stands for, before anything is decided.
    private static func holder(
        of actor: Actor
    ) -> (holder: Mandate.Holder?, organisation: OrganisationID?) {
        switch actor.profile {
        case .citizen: (.person(actor.person), nil)
        case .profession: (nil, nil)
        case .organisation(let id): (.organisation(id), id)
        }
    }
}
