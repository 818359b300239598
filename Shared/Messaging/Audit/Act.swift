package import ContractCore
package import FoundationEssentials
package import Vocabulary

/// Something that is done: who does it, as whom and through what, and on which occasion.
///
/// It is made once, where a request, a command or the clock comes in. Everything that is decided, written, recorded and
/// told then happens at its time and on its day, and is found by its request.
package struct Act<By: Agent>: Sendable {
    /// Who does it.
    package let by: By
    /// When, and in which request.
    package let occasion: Occasion

    /// An act from its parts.
    package init(by: By, on occasion: Occasion) {
        self.by = by
        self.occasion = occasion
    }

    /// The moment.
    package var time: Instant { occasion.time }
    /// The calendar day of that moment.
    package var day: LocalDate { occasion.day }
    /// The id under which the request is logged and recorded.
    package var requestID: String { occasion.requestID }
    /// The request as the origin of calls of other services.
    package var origin: CallOrigin { occasion.origin }

    /// An id for something that the act makes.
    package func newID<Owner>(of _: Owner.Type = Owner.self) -> Identifier<Owner> { Identifier(occasion.newID()) }

    /// The same act, now that it is known who acts.
    package func by<Known: Agent>(_ known: Known) -> Act<Known> { Act<Known>(by: known, on: occasion) }

    /// The record of the act, and the only way to one.
    ///
    /// A refusal is counted by its reasons as well (`toegang_refusals_total`).
    ///
    /// - Parameters:
    ///   - action: What was wanted.
    ///   - reasons: Why it was refused; empty when it was allowed.
    ///   - subject: Whom and what it is about, where that is more than the capacity tells.
    package func record(
        _ action: AuditAction, reasons: [ReasonCode] = [], about subject: ActSubject = ActSubject()
    ) -> AuditEntry {
        for reason in reasons { action.countRefusal(reason) }
        return AuditEntry(
            id: newID(), occasion: occasion, by: by, action: action, reasons: reasons,
            about: subject.completed(by: by.capacity))
    }

    /// The record of an act that was decided: allowed, or refused with these reasons.
    package func record(
        _ action: AuditAction, refusal: Refusal?, about subject: ActSubject = ActSubject()
    ) -> AuditEntry {
        record(action, reasons: refusal?.codes ?? [], about: subject)
    }
}

/// An act of a person under the profile that she chose.
package typealias PersonAct = Act<ProfileBearer>
/// An act of a program by itself.
package typealias ProgramAct = Act<ActingProgram>

/// When something is done, and in which request.
package struct Occasion: Sendable {
    /// The moment of the request or command.
    package let time: Instant
    /// The calendar day of that moment.
    package let day: LocalDate
    /// The same for everything that one request of a person led to.
    package let requestID: String
    package let trace: TraceContext
    /// The event that led to it; nil for what a person or the clock began.
    package let causationID: String?
    /// From where it was done: a hash of the network's address under a key of the service; nil where the address says
    /// nothing, as in a call of another service.
    package let source: [UInt8]?
    /// Makes the ids of the records, events and things of the act.
    package let newID: @Sendable () -> UUID

    /// An occasion from its parts.
    package init(
        time: Instant, day: LocalDate, requestID: String, trace: TraceContext, causationID: String? = nil,
        source: [UInt8]? = nil, newID: @escaping @Sendable () -> UUID
    ) {
        self.time = time
        self.day = day
        self.requestID = requestID
        self.trace = trace
        self.causationID = causationID
        self.source = source
        self.newID = newID
    }

    /// The request as the origin of calls of other services.
    package var origin: CallOrigin { CallOrigin(trace: trace, requestID: requestID) }
}

/// Whom and what an act is about.
package struct ActSubject: Sendable, Hashable {
    /// The person for whom or with whom it is done, where that is another.
    package var person: PersonID?
    package var organisation: OrganisationID?
    package var dossier: DossierID?
    /// The mandate under which it is done, or that it is about.
    package var mandate: MandateID?
    /// The account that was named: a hash of the user name under a key of the service, also of one that nobody has.
    package var userName: [UInt8]?

    /// A subject; what is not named is what the capacity tells, or nothing.
    package init(
        person: PersonID? = nil, organisation: OrganisationID? = nil, dossier: DossierID? = nil,
        mandate: MandateID? = nil, userName: [UInt8]? = nil
    ) {
        self.person = person
        self.organisation = organisation
        self.dossier = dossier
        self.mandate = mandate
        self.userName = userName
    }

    /// The subject with what the capacity tells where nothing else was named.
    fileprivate func completed(by capacity: Capacity?) -> ActSubject {
        var complete = self
        complete.organisation = organisation ?? capacity?.organisation
        guard case .mandate(let id, let grantor, let opened, _)? = capacity else { return complete }
        complete.mandate = mandate ?? id
        complete.person = person ?? grantor
        complete.dossier = dossier ?? opened
        return complete
    }
}
