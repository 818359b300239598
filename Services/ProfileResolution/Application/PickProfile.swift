import AuditTrail
package import FoundationEssentials
import Keys
package import Postgres
package import ProfileResolutionDomain
package import Vocabulary

/// What the picker shows to the browser that holds its cookie.
package struct PickerView: Sendable {
    package let interaction: PickerInteraction
    package let options: [ProfileOption]
}

/// What became of a choice.
package enum PickOutcome: Sendable {
    /// It is kept; authentication has to be told.
    case chosen(PickerInteraction, GrantedProfile)
    /// It was told before: the browser goes on.
    case alreadyDone(resumeURL: String)
    /// It may not be; the picker is shown again as it is now.
    case refused(Refusal, PickerView)
}

/// The passage of a browser through the picker, from its cookie to its choice.
package struct PickProfile: Sendable {
    private let database: Database
    private let now: @Sendable () -> Instant
    private let civil: CivilTime
    private let newID: @Sendable () -> UUID

    package init(
        database: Database, now: @escaping @Sendable () -> Instant, civil: CivilTime,
        newID: @escaping @Sendable () -> UUID
    ) {
        self.database = database
        self.now = now
        self.civil = civil
        self.newID = newID
    }

    /// Keeps a redeemed interaction for the browser that gets this cookie.
    ///
    /// - Returns: Whether it has not ended yet.
    package func begin(_ interaction: PickerInteraction, cookie: String) async throws -> Bool {
        let time = now()
        guard interaction.expiresAt > time else { return false }
        let hash = TokenHash.of(cookie)
        try await database.transaction { session in
            try PickerStore.insert(interaction, cookieHash: hash, at: time, in: session)
        }
        return true
    }

    /// What the picker shows; nothing when the cookie is unknown or its passage has ended.
    package func view(cookie: String, language: Language) async throws -> PickerView? {
        let time = now()
        let today = civil.day(at: time)
        let hash = TokenHash.of(cookie)
        return try await database.read { session in
            guard let interaction = try PickerStore.find(cookieHash: hash, at: time, in: session) else { return nil }
            let facts = try PersonFactsStore.facts(of: interaction.personID, today: today, in: session)
            return PickerView(interaction: interaction, options: facts.options(in: language, today: today))
        }
    }

    /// Decides about a selection by the facts of this moment, whatever the page had offered, and keeps what is chosen.
    ///
    /// - Returns: Nothing when the cookie is unknown or its passage has ended.
    package func choose(
        _ selection: PickerSelection, cookie: String, language: Language, requestID: String
    ) async throws -> PickOutcome? {
        let time = now()
        let today = civil.day(at: time)
        let hash = TokenHash.of(cookie)
        let auditID = AuditID(newID())
        return try await database.transaction { session in
            guard
                let interaction = try PickerStore.find(cookieHash: hash, at: time, forChange: true, in: session)
            else { return nil }
            if let resumeURL = interaction.resumeURL { return .alreadyDone(resumeURL: resumeURL) }
            let facts = try PersonFactsStore.facts(of: interaction.personID, today: today, in: session)
            let decision: Decision<GrantedProfile> =
                switch selection.profile() {
                case .allowed(let profile): facts.decide(profile, today: today)
                case .refused(let refusal): .refused(refusal)
                }
            let entry = AuditEntry(
                id: auditID, at: time, actor: interaction.personID, actorClient: interaction.clientName,
                organisation: selection.organisationID, action: AuditedAction.chooseProfile.rawValue,
                outcome: decision.isAllowed ? .allowed : .refused, reasons: decision.refusal?.codes ?? [],
                acr: interaction.acr, requestID: requestID)
            try Audit.record(entry, in: session)
            switch decision {
            case .allowed(let granted):
                try PickerStore.saveChoice(granted.profile, of: interaction, at: time, in: session)
                return .chosen(interaction, granted)
            case .refused(let refusal):
                let options = facts.options(in: language, today: today)
                return .refused(refusal, PickerView(interaction: interaction, options: options))
            }
        }
    }

    /// Keeps where the browser goes on, after authentication took the choice.
    package func finish(_ interaction: InteractionID, resumeURL: String) async throws {
        try await database.transaction { session in
            try PickerStore.saveResumption(resumeURL, of: interaction, in: session)
        }
    }
}
