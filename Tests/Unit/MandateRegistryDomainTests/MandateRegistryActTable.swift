/// What `mayAct` answers: actor, case, and the answer to all wishes, or to each of them.
///
/// The wishes: to open the dossier, to change contact data, to view the social statute, to view the accreditation.
enum MandateRegistryActTable {
    static let golden = """
        holder, citizen | administrative | open, contact, statute: yes; accreditation: mandate.does-not-cover
        holder, citizen | social statute | open, statute: yes; contact, accreditation: mandate.does-not-cover
        holder, citizen | no mandate | mandate.none
        holder, citizen | offered | mandate.not-signed
        holder, citizen | refused | mandate.refused
        holder, citizen | not started | mandate.not-started
        holder, citizen | last day past | mandate.expired
        holder, citizen | stopped | mandate.stopped
        holder, citizen | renounced | mandate.renounced
        holder, citizen | dossier being set up | open, contact, statute: dossier.unknown; accreditation: mandate.does-not-cover
        holder, citizen | dossier suspended | open, contact, statute: dossier.suspended; accreditation: mandate.does-not-cover
        holder, citizen | dossier closed | open, contact, statute: dossier.closed; accreditation: mandate.does-not-cover
        holder, citizen | dossier never heard of | open, contact, statute: dossier.unknown; accreditation: mandate.does-not-cover
        holder, citizen | dossier uncertain | open, contact, statute: facts.unknown; accreditation: mandate.does-not-cover
        holder, profession | any case | profile.not-suited
        stranger, citizen | any case | mandate.none
        grantor, citizen | any case | mandate.none
        executor, organisation | administrative | open, contact, statute: yes; accreditation: mandate.does-not-cover
        executor, organisation | social statute | open, statute: yes; contact, accreditation: mandate.does-not-cover
        executor, organisation | no mandate | mandate.none
        executor, organisation | offered | mandate.not-signed
        executor, organisation | refused | mandate.refused
        executor, organisation | not started | mandate.not-started
        executor, organisation | last day past | mandate.expired
        executor, organisation | stopped | mandate.stopped
        executor, organisation | renounced | mandate.renounced
        executor, organisation | dossier being set up | open, contact, statute: dossier.unknown; accreditation: mandate.does-not-cover
        executor, organisation | dossier suspended | open, contact, statute: dossier.suspended; accreditation: mandate.does-not-cover
        executor, organisation | dossier closed | open, contact, statute: dossier.closed; accreditation: mandate.does-not-cover
        executor, organisation | dossier never heard of | open, contact, statute: dossier.unknown; accreditation: mandate.does-not-cover
        executor, organisation | dossier uncertain | open, contact, statute: facts.unknown; accreditation: mandate.does-not-cover
        colleague without right | any case | right.role-missing
        right not started | any case | right.not-started
        right expired | any case | right.expired
        organisation stopped | any case | organisation.stopped
        organisation never heard of | any case | right.role-missing
        rights uncertain | any case | facts.unknown
        executor elsewhere | any case | right.role-missing
        """
}
