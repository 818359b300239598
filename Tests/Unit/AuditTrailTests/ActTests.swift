import AuditTrail
import ContractCore
import FoundationEssentials
import Testing
import Vocabulary

@Suite("An act says who did what, as whom, through what, when and in which request")
struct ActTests {
    private let person = PersonID(UUID())
    private let organisation = OrganisationID(UUID())
    private let noon = Instant(microseconds: 1_790_000_000_000_000)
    private let acts: Acts

    init() {
        let noon = noon
        acts = Acts(
            service: "mandate-registry", now: { noon }, civil: CivilTime { _ in 14 * 3600 }, newID: { UUID() },
            newTrace: { TraceContext(high: 1, low: 2, span: 3, sampled: false) })
    }

    private func occasion() -> Occasion {
        acts.request("request-1", trace: TraceContext(high: 4, low: 5, span: 6, sampled: true))
    }

    @Test("a record has the person, her portal, her level, her organisation, and the request")
    func bearer() {
        let bearer = ProfileBearer(person, .organisation(organisation), through: "portal", acr: .level400)
        let act = Act(by: bearer, on: occasion())
        let entry = act.record(AuditAction(rawValue: "thing.look"))
        #expect(entry.by.person == person && entry.by.program == "portal" && entry.by.acr == .level400)
        #expect(entry.about == ActSubject(organisation: organisation))
        #expect(entry.reasons.isEmpty && entry.occasion.requestID == "request-1" && entry.occasion.time == noon)
    }

    @Test("time and day are of one moment, in the place that the calendar is of")
    func day() {
        #expect(occasion().day == acts.civil.day(at: noon))
        #expect(occasion().day != CivilTime.universal.day(at: noon))
        #expect(acts.today() == occasion().day)
    }

    @Test("under a mandate the record names mandate, grantor, dossier and the holding organisation by itself")
    func mandate() {
        let (mandate, grantor, dossier) = (MandateID(UUID()), PersonID(UUID()), DossierID(UUID()))
        let holder = ActingPerson(
            person, as: .mandate(mandate, grantor: grantor, dossier: dossier, organisation: organisation),
            through: "portal", acr: nil)
        let known = ActSubject(person: grantor, organisation: organisation, dossier: dossier, mandate: mandate)
        #expect(Act(by: holder, on: occasion()).record(AuditAction(rawValue: "thing.look")).about == known)
        // What the act is about is not what she acts in, where the use case says so.
        let asked = DossierID(UUID())
        let other = Act(by: holder, on: occasion()).record(
            AuditAction(rawValue: "thing.look"), about: ActSubject(dossier: asked))
        #expect(other.about.dossier == asked && other.about.mandate == mandate)
    }

    @Test("a profession and a citizen stand for no organisation", arguments: [ProfileChoice.citizen, nil])
    func herself(_ profile: ProfileChoice?) {
        let acting = ActingPerson(person, as: profile.map(Capacity.profile) ?? .unchosen, through: nil, acr: nil)
        let entry = Act(by: acting, on: occasion()).record(AuditAction(rawValue: "thing.look"))
        #expect(entry.about == ActSubject() && entry.by.program == nil)
    }

    @Test("a refusal is recorded with its reasons, and each record has an id of its own")
    func refusal() {
        let act = Act(by: ActingProgram("portal"), on: occasion())
        let reason = ReasonCode(rawValue: "thing.gone")
        let refused = act.record(AuditAction(rawValue: "thing.take"), refusal: Refusal(Reason(reason)))
        let allowed = act.record(AuditAction(rawValue: "thing.take"), refusal: nil)
        #expect(refused.reasons == [reason] && allowed.reasons.isEmpty && refused.id != allowed.id)
    }

    @Test("a service acts under its own name; a run of a command is one request, everything else one of its own")
    func own() {
        let alone = acts.own()
        #expect(alone.by.person == nil && alone.by.program == "mandate-registry" && alone.by.commandedBy == nil)
        #expect(alone.requestID != acts.own().requestID)
        let run = acts.own(commandedBy: "An, service centre", run: alone.requestID)
        #expect(run.requestID == alone.requestID && run.by.commandedBy == "An, service centre")
        #expect(run.origin.requestID == alone.requestID)
    }

    @Test("who acts may become known within the act; time, day and request stay")
    func identified() {
        let stranger = Act(by: ActingProgram("portal"), on: occasion())
        let known = stranger.by(ActingPerson(person, as: .unchosen, through: "portal", acr: .level350))
        #expect(known.by.person == person && known.time == stranger.time && known.day == stranger.day)
        #expect(known.requestID == stranger.requestID)
    }
}
