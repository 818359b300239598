package import MandateRegistryDomain
package import Tokens
package import Vocabulary

/// The facts that a dossier context rests on.
///
/// A session ends in a version that its token does not tell, so its context rests on version 1: any end is later.
package enum ContextBasis {
    /// The mandate that is used.
    package static func mandate(_ id: MandateID) -> Basis { Basis(kind: .mandate, id: id.uuid) }
    /// The grantor's dossier, which may be suspended.
    package static func dossier(_ id: DossierID) -> Basis { Basis(kind: .dossier, id: id.uuid) }
    /// The right by which somebody acts for an organisation.
    package static func right(_ id: RightID) -> Basis { Basis(kind: .right, id: id.uuid) }
    /// The organisation, which may cease to exist.
    package static func organisation(_ id: OrganisationID) -> Basis { Basis(kind: .organisation, id: id.uuid) }
    /// The session in which the context was opened.
    package static func session(_ id: SessionID) -> Basis { Basis(kind: .session, id: id.uuid) }

    /// All that a grant rests on, in the versions that the decision has read.
    package static func all(of grant: ActGrant, session: SessionID) -> [VersionedBasis] {
        var bases = [
            VersionedBasis(Self.session(session), version: 1),
            VersionedBasis(mandate(grant.mandate.id), version: grant.mandate.version),
            VersionedBasis(dossier(grant.dossier.id), version: grant.dossier.version),
        ]
        if case .organisation(let organisation, let right) = grant.standing {
            bases.append(VersionedBasis(Self.organisation(organisation.id), version: organisation.version))
            bases.append(VersionedBasis(Self.right(right.id), version: right.version))
        }
        return bases
    }
}
