import ContractCore
package import MandateRegistryDomain
import Messaging
package import Postgres
package import Vocabulary

/// Reads the facts of a decision, each marked as uncertain when the events behind it do not arrive in order.
package enum FactReader {
    /// Reads what decides whether an actor may act on a dossier.
    package static func actFacts(
        _ actor: Actor, on dossier: DossierID, in session: borrowing Session
    ) throws -> ActFacts {
        let (holder, organisation) = holder(of: actor)
        guard let holder else { return ActFacts(organisation: .absent, dossier: .absent, mandates: []) }
        var batch = [MandateStore.held(by: holder, of: dossier), DossierStore.find(dossier)]
        if let organisation { batch.append(OrganisationStore.standing(of: actor.person, in: organisation)) }
        let answers = try session.pipeline(batch)
        return ActFacts(
            organisation: try organisation.map { id in
                try known(standing: try OrganisationStore.decodeStanding(answers[2]), of: id, in: session)
            } ?? .absent,
            dossier: try known(dossier: try answers[1].first.map(DossierStore.decode), of: dossier, in: session),
            mandates: try answers[0].map(MandateRow.decode))
    }

    /// Reads the organisation of an actor's profile with her rights there; `.absent` under another profile.
    package static func standing(
        of actor: Actor, in session: borrowing Session
    ) throws -> Knowledge<OrganisationStanding> {
        guard let organisation = holder(of: actor).organisation else { return .absent }
        let rows = try session.query(OrganisationStore.standing(of: actor.person, in: organisation))
        return try known(standing: try OrganisationStore.decodeStanding(rows), of: organisation, in: session)
    }

    /// Reads the dossier of a person in a profession.
    package static func dossier(
        of person: PersonID, in profession: Profession, session: borrowing Session
    ) throws -> Knowledge<GrantorDossier> {
        guard let dossier = try DossierStore.find(of: person, in: profession, session: session) else {
            return .absent
        }
        return try known(dossier: dossier, of: dossier.id, in: session)
    }

    private static func known(
        dossier: GrantorDossier?, of id: DossierID, in session: borrowing Session
    ) throws -> Knowledge<GrantorDossier> {
        guard try ProjectionGate.unreliable(of: .profileResolution, keys: [id.uuid], in: session).isEmpty else {
            return .uncertain
        }
        return dossier.map(Knowledge.known) ?? .absent
    }

    private static func known(
        standing: OrganisationStanding?, of id: OrganisationID, in session: borrowing Session
    ) throws -> Knowledge<OrganisationStanding> {
        let keys = [id.uuid] + (standing?.executorRights.map(\.id.uuid) ?? [])
        guard try ProjectionGate.unreliable(of: .organisationRights, keys: keys, in: session).isEmpty else {
            return .uncertain
        }
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
