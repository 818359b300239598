package import AuditTrail
package import EventOutbox
package import Postgres
package import ProfileResolutionDomain
import Vocabulary
package import Waiting

/// What became of a delivered dossier.
package enum DeliveryVerdict: Sendable, Equatable {
    case registered, changed, unchanged
    /// It is kept, and nobody's own until the person of its number signs in under the delivered name.
    case waits
    /// The row names another than whose dossier it is.
    case ofSomebodyElse
    /// The RIZIV number is somebody else's.
    case rizivNumberTaken
}

/// Takes in dossiers as an authority delivers them: a whole batch in one transaction, or each alone where one of them
/// breaks a rule of the schema.
package struct RegisterDossiers: Sendable {
    private let database: Database
    private let outbox: Outbox
    private let names: NameSeal

    package init(database: Database, outbox: Outbox, names: NameSeal) {
        self.database = database
        self.outbox = outbox
        self.names = names
    }

    /// Applies deliveries in their order and tells verdicts as soon as they are committed, each once.
    ///
    /// - Parameter deliveries: at most 64 at a time.
    /// - Throws: `PostgresError` for what concerns no single delivery.
    package func callAsFunction(
        _ deliveries: [DossierDelivery], _ act: ProgramAct, tell: ([DeliveryVerdict]) -> Void
    ) async throws {
        for batch in Self.batches(deliveries) { try await apply(batch, act, tell: tell) }
    }

    /// Batches in which no dossier occurs twice, so that each is compared with what the one before it left.
    private static func batches(_ deliveries: [DossierDelivery]) -> [[DossierDelivery]] {
        var batches: [[DossierDelivery]] = []
        var seen: Set<DossierHolder> = []
        for delivery in deliveries {
            if batches.isEmpty || !seen.insert(DossierHolder(delivery)).inserted {
                batches.append([])
                seen = [DossierHolder(delivery)]
            }
            batches[batches.count - 1].append(delivery)
        }
        return batches
    }

    private func apply(
        _ batch: [DossierDelivery], _ act: ProgramAct, tell: ([DeliveryVerdict]) -> Void
    ) async throws {
        do {
            tell(try await applyTogether(batch, act))
        } catch let error as PostgresError where error.isForeignKeyViolation && batch.count == 1 {
            tell([.rizivNumberTaken])
        } catch let error as PostgresError where error.isUniqueViolation && batch.count == 1 {
            // Another import registered it in the meantime; now it is known.
            tell(try await applyTogether(batch, act))
        } catch let error as PostgresError where error.isForeignKeyViolation || error.isUniqueViolation {
            for delivery in batch { try await apply([delivery], act, tell: tell) }
        }
    }

    private func applyTogether(_ batch: [DossierDelivery], _ act: ProgramAct) async throws -> [DeliveryVerdict] {
        try await outbox.transaction(on: database) { session in
            let known = try DossierStore.known(
                batch.map { ($0.personID, $0.subject.profession) }, in: session)
            let byHolder = Dictionary(
                known.map { (DossierHolder($0), $0) }, uniquingKeysWith: { first, _ in first })
            let outcomes = batch.map {
                $0.applied(to: byHolder[DossierHolder($0)], id: act.newID())
            }
            let registered = outcomes.compactMap(\.registered)
            let changed = outcomes.compactMap(\.changed)
            try DossierStore.insert(registered, at: act.time, in: session)
            try DossierStore.update(changed, at: act.time, in: session)
            try DossierStore.releaseNumbers(of: changed.map(\.personID), in: session)
            try keepWaiting(batch, outcomes, byHolder, act, in: session)
            guard !registered.isEmpty || !changed.isEmpty else { return outcomes.map(\.verdict) }
            try outbox.append(
                registered.map { PublishedDossiers.draft(.registered, of: $0) }
                    + changed.map { PublishedDossiers.draft(.changed, of: $0) },
                audit: act.record(.importDossiers), in: session)
            return outcomes.map(\.verdict)
        }
    }

    /// Writes down which of the dossiers wait, under which names, and which do no longer.
    private func keepWaiting(
        _ batch: [DossierDelivery], _ outcomes: [DeliveryOutcome], _ known: [DossierHolder: Dossier],
        _ act: ProgramAct, in session: borrowing Session
    ) throws {
        var waiting: [(id: DossierID, person: PersonID, sealedName: [UInt8])] = []
        for (delivery, outcome) in zip(batch, outcomes) {
            guard let dossier = outcome.dossier else { continue }
            if !dossier.isHers {
                waiting.append((dossier.id, dossier.personID, try names.seal(delivery.lastName, of: dossier.id)))
            } else if known[DossierHolder(delivery)]?.isHers == false {
                try WaitingDossierStore.confirm(dossier.id, in: session)
                let about = ActSubject(person: dossier.personID, dossier: dossier.id)
                try Audit.record(act.record(.confirmDossier, about: about), in: session)
            }
        }
        try WaitingDossierStore.wait(waiting, at: act.time, in: session)
    }
}

/// Who has a dossier in which capacity: what a delivery is recognised by.
private struct DossierHolder: Hashable {
    let person: PersonID
    let profession: Profession?

    init(_ delivery: DossierDelivery) {
        person = delivery.personID
        profession = delivery.subject.profession
    }

    init(_ dossier: Dossier) {
        person = dossier.personID
        profession = dossier.subject.profession
    }
}

extension DeliveryOutcome {
    fileprivate var registered: Dossier? {
        guard case .registered(let dossier) = self else { return nil }
        return dossier
    }

    fileprivate var changed: Dossier? {
        guard case .changed(let dossier) = self else { return nil }
        return dossier
    }

    fileprivate var verdict: DeliveryVerdict {
        switch self {
        case .registered(let dossier): dossier.isHers ? .registered : .waits
        case .changed(let dossier): dossier.isHers ? .changed : .waits
        case .confirmed: .changed
        case .unchanged(let dossier): dossier.isHers ? .unchanged : .waits
        case .ofSomebodyElse: .ofSomebodyElse
        }
    }
}
