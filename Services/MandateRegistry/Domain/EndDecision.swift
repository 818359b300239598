package import Vocabulary

/// Finds out which party to a mandate an actor is or stands for; nil for a stranger, to whom it does not exist.
///
/// The grantor is a party under every profile. A holder is one only under the profile that holds the mandate: herself
/// as a citizen, or an organisation in which she is executor.
package func party(
    _ actor: Actor, to mandate: Mandate, organisation: Knowledge<OrganisationStanding>, on day: LocalDate
) -> Mandate.Party? {
    if mandate.terms.grantor.person == actor.person { return .grantor }
    guard case .allowed(let standing) = mayUseMandates(actor, organisation: organisation, on: day),
        standing.holder == mandate.terms.holder
    else { return nil }
    return .holder
}

/// Decides whether a party may end a mandate now, and what becomes of it.
///
/// Either party may end it at any time without the consent of the other. An offer is taken back by the party who made
/// it and refused by the other. What is over stays as it is: ending it twice is refused with the way it ended.
package func mayEnd(
    _ mandate: Mandate, by party: Mandate.Party, at now: Instant, on day: LocalDate
) -> Decision<Mandate> {
    if case .over(let manner) = mandate.standing(on: day) {
        return .refused(Refusal(.conflict, .alreadyOver(mandate, manner)))
    }
    switch mandate.state {
    case .offered(let offer):
        return .allowed(
            mandate.moved(to: .ended(offer.by == party ? offer.withdrawn(at: now) : offer.refused(at: now))))
    case .active(let activity):
        return .allowed(mandate.moved(to: .ended(activity.ended(by: party, at: now))))
    case .ended(let end):
        return .refused(Refusal(.conflict, .alreadyOver(mandate, end.manner)))
    }
}
