package import AuditTrail
import Keys
package import Logging
package import Postgres
package import ProfileResolutionDomain
package import Vocabulary
package import Waiting

/// What the picker shows to the browser that holds its cookie.
package struct PickerView: Sendable {
    package let interaction: PickerInteraction
    package let options: [ProfileOption]
}

/// What became of a choice.
package enum PickedProfile: Sendable {
    /// It is kept; authentication has to be told.
    case chosen(PickerInteraction, GrantedProfile)
    /// It was told before: the browser goes on.
    case alreadyDone(resumeURL: String)
}

/// The passage of a browser through the picker, from its cookie to its choice.
package struct PickProfile: Sendable {
    private let database: Database
    private let persons: PersonFactsStore
    private let acts: Acts
    private let names: NameSeal
    private let logger: Logger

    package init(
        database: Database, persons: PersonFactsStore, acts: Acts, names: NameSeal, logger: Logger
    ) {
        self.database = database
        self.persons = persons
        self.acts = acts
        self.names = names
        self.logger = logger
    }

    /// Keeps a redeemed interaction for the browser that gets this cookie.
    ///
    /// The dossiers that waited for this person, under the name by which she signed in, are hers from now on.
    ///
    /// - Returns: Whether it has not ended yet.
    package func begin(_ interaction: PickerInteraction, cookie: String) async throws -> Bool {
        let act = acts.own()
        guard interaction.expiresAt > act.time else { return false }
        let hash = TokenHash.of(cookie)
        try await database.transaction { session in
            try PickerStore.insert(interaction, cookieHash: hash, at: act.time, in: session)
            for waiting in try WaitingDossierStore.hold(for: interaction.personID, in: session)
            where try agrees(waiting, with: interaction.calledName) {
                try WaitingDossierStore.confirm(waiting.id, in: session)
                let about = ActSubject(person: interaction.personID, dossier: waiting.id)
                try Audit.record(act.record(.confirmDossier, about: about), in: session)
            }
        }
        return true
    }

    private func agrees(_ waiting: StoredWaitingDossier, with name: String) throws -> Bool {
        do {
            return try names.open(waiting.sealedName, of: waiting.id).agrees(with: name)
        } catch let error as SealingError {
            logger.error(
                "The name beside a number does not open, so what waits there cannot begin; give or import it anew",
                metadata: ["table": "waiting_dossier", "row": "\(waiting.id)", "error": "\(error)"])
            return false
        }
    }

    /// What the picker shows; nothing when the cookie is unknown or its passage has ended.
    package func view(cookie: String, language: Language) async throws -> PickerView? {
        let time = acts.now()
        let today = acts.civil.day(at: time)
        let hash = TokenHash.of(cookie)
        return try await database.read { session in
            guard let interaction = try PickerStore.find(cookieHash: hash, at: time, in: session) else { return nil }
            let facts = try persons.facts(of: interaction.personID, today: today, in: session)
            return PickerView(interaction: interaction, options: facts.options(in: language, today: today))
        }
    }

    /// Decides about a selection by the facts of this moment, whatever the page had offered, and keeps what is chosen.
    ///
    /// Refused as a passage that is over when the cookie is unknown or its passage has ended.
    package func choose(
        _ selection: PickerSelection, cookie: String, on occasion: Occasion
    ) async throws -> Decision<PickedProfile> {
        let hash = TokenHash.of(cookie)
        return try await database.transaction { session in
            guard
                let interaction = try PickerStore.find(
                    cookieHash: hash, at: occasion.time, forChange: true, in: session)
            else { return .refused(Refusal(.passageOver, Reason(.notThere))) }
            if let resumeURL = interaction.resumeURL { return .allowed(.alreadyDone(resumeURL: resumeURL)) }
            let facts = try persons.facts(of: interaction.personID, today: occasion.day, in: session)
            let decision: Decision<GrantedProfile> =
                switch selection.profile() {
                case .allowed(let profile): facts.decide(profile, today: occasion.day)
                case .refused(let refusal): .refused(refusal)
                }
            let person = ActingPerson(
                interaction.personID, as: .unchosen, through: interaction.clientName,
                acr: Acr(level: interaction.acr))
            let about = ActSubject(organisation: selection.organisationID)
            try Audit.record(
                Act(by: person, on: occasion).record(.chooseProfile, refusal: decision.refusal, about: about),
                in: session)
            if case .allowed(let granted) = decision {
                try PickerStore.saveChoice(granted.profile, of: interaction, at: occasion.time, in: session)
            }
            return decision.map { .chosen(interaction, $0) }
        }
    }

    /// Keeps where the browser goes on, after authentication took the choice.
    package func finish(_ interaction: InteractionID, resumeURL: String) async throws {
        try await database.transaction { session in
            try PickerStore.saveResumption(resumeURL, of: interaction, in: session)
        }
    }
}
