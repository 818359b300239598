package import AuditTrail
package import AuthenticationContracts
package import AuthenticationDomain
import ContractCore
import EventOutbox
import FoundationEssentials
import Keys
import Postgres
package import Vocabulary
import Web

/// Tells the profile picker who signed in: once for each errand.
package struct RedeemInteraction: Sendable {
    let issuer: String
    let database: Database
    let sessionPolicy: SessionPolicy
    let clients: ClientRegistry
    private let names = PersonNameStore()
    private let sessions = SessionStore()
    private let transactions = TransactionStore()
    private let interactions = InteractionStore()

    /// What the picker learns; `nil` for an errand that is unknown, redeemed before, or over.
    ///
    /// Anybody can make the picker ask for an errand that there never was: that is counted, and leaves no record.
    package func callAsFunction(
        _ id: InteractionID, client: String, act: ProgramAct
    ) async throws -> RedeemedInteraction? {
        let now = act.time
        return try await database.transaction { session in
            guard let interaction = try interactions.find(id, in: session) else {
                AuditAction.redeemInteraction.countRefusal(.interactionUnknown)
                return nil
            }
            guard try interactions.redeem(id, by: client, at: now, in: session),
                let signedIn = try sessions.find(interaction.sessionID, in: session),
                signedIn.isLive(at: now, under: sessionPolicy),
                let transaction = try transactions.find(interaction.transactionID, in: session),
                let portal = clients.client(transaction.request.clientID),
                let name = try names.find(signedIn.personID, in: session)
            else {
                try Audit.record(
                    act.record(
                        .redeemInteraction, actor: nil, client: client, reasons: [.interactionUnknown]),
                    in: session)
                return nil
            }
            try Audit.record(
                act.record(
                    .redeemInteraction, actor: signedIn.personID, client: client, acr: signedIn.acr),
                in: session)
            return RedeemedInteraction(
                personId: signedIn.personID, sessionId: signedIn.id, acr: signedIn.acr.level,
                language: transaction.language, clientName: portal.name, firstName: name.firstName,
                lastName: name.lastName, expiresAt: interaction.expiresAt,
                redirectOrigin: transaction.request.redirectOrigin,
                signOutUrl: "\(issuer)/end-session?"
                    + FormEncoding.encode([("client_id", transaction.request.clientID)]))
        }
    }
}

/// Puts the profile that a person chose.
package struct ChooseProfile: Sendable {
    let issuer: String
    let database: Database
    let sessionPolicy: SessionPolicy
    private let sessions = SessionStore()
    private let interactions = InteractionStore()

    /// The address to which the picker sends the browser; `nil` for an errand that this client did not redeem, or that
    /// is over.
    ///
    /// The same choice may be put again, and changed until the browser is back.
    package func callAsFunction(
        _ choice: ChosenProfile, for id: InteractionID, client: String, act: ProgramAct
    ) async throws -> InteractionResumption? {
        let now = act.time
        return try await database.transaction { session in
            guard let interaction = try interactions.findForUpdate(id, in: session),
                interaction.accepts(choice, from: client, at: now),
                let signedIn = try sessions.find(interaction.sessionID, in: session),
                signedIn.isLive(at: now, under: sessionPolicy)
            else {
                try Audit.record(
                    act.record(
                        .chooseProfile, actor: nil, client: client, reasons: [.interactionUnknown]),
                    in: session)
                return nil
            }
            let resumption = InteractionResumption(
                resumeUrl: "\(issuer)/authorize/resume?interaction=\(id)"
                    + "&transaction=\(interaction.transactionID)")
            // The browser is back already: a second click of the same choice changes nothing.
            if interaction.resumedAt != nil { return resumption }
            try interactions.choose(id, choice, at: now, in: session)
            try Audit.record(
                act.record(
                    .chooseProfile, actor: signedIn.personID, client: client, choice: choice, acr: signedIn.acr),
                in: session)
            return resumption
        }
    }
}

/// Brings a browser that comes back from the profile picker to its portal, with a code.
package struct ResumeSignIn: Sendable {
    /// Where the browser goes.
    package enum Outcome: Sendable {
        case portal(redirectURI: String, code: String, state: String?)
        /// Back to the picker: nothing was chosen yet.
        case profilePicker
        /// Nowhere: the run is over.
        case over(Client?)
        /// Nowhere: this is not the browser that signed in.
        case otherBrowser(Client?)
        /// To the portal without a code: it expects somebody else.
        case refused(SignInTransaction)
    }

    let database: Database
    let policy: SignInPolicy
    let clients: ClientRegistry
    let repeated: RepeatedForms
    let hints: IDTokenHints
    private let sessions = SessionStore()
    private let transactions = TransactionStore()
    private let interactions = InteractionStore()
    private let codes = CodeStore()

    /// - Parameter browserCookie: the cookie by which a browser holds its runs; without it nobody is signed in.
    package func callAsFunction(
        _ id: InteractionID, browserCookie: String?, act: ProgramAct
    ) async throws -> Outcome {
        let now = act.time
        // Derived, so that a second click gets the same one.
        let code = repeated.secret(.code, of: [id.description, browserCookie ?? ""])
        let browser = browserCookie.map { TokenHash.of($0) }
        return try await database.transaction { session in
            guard let interaction = try interactions.findForUpdate(id, in: session),
                let (transaction, isHeld) = try transactions.findForUpdate(
                    interaction.transactionID, browser: browser, in: session),
                let signedIn = try sessions.find(interaction.sessionID, in: session)
            else { return .over(nil) }
            let request = transaction.request
            let record = { (reasons: [ReasonCode]) in
                act.record(
                    .resume, actor: signedIn.personID, client: request.clientID, choice: interaction.choice,
                    reasons: reasons, acr: signedIn.acr)
            }
            let verdict = decideResume(
                interaction, transaction: transaction, session: signedIn, browserHolds: isHeld,
                isExpected: hints.isExpected(signedIn.personID, by: request),
                repeatable: RepeatedForms.window, at: now, under: policy.sessions)
            switch verdict {
            case .otherBrowser:
                try Audit.record(record([.interactionOfOtherBrowser]), in: session)
                return .otherBrowser(clients.client(request.clientID))
            case .otherPerson:
                try Audit.record(record([.otherPersonExpected]), in: session)
                return .refused(transaction)
            case .over:
                try Audit.record(record([.interactionExpired]), in: session)
                return .over(clients.client(request.clientID))
            case .notChosen:
                return .profilePicker
            case .again:
                return .portal(redirectURI: request.redirectURI, code: code, state: request.state)
            case .signedIn(let choice):
                guard try interactions.resume(id, at: now, in: session),
                    try transactions.complete(transaction.id, at: now, in: session)
                else { return .over(clients.client(request.clientID)) }
                try codes.insert(
                    TokenHash.of(code), transaction: transaction.id, session: signedIn.id, choice: choice, at: now,
                    expiresAt: now.adding(policy.codeLifetime), in: session)
                try Audit.record(record([]), in: session)
                return .portal(redirectURI: request.redirectURI, code: code, state: request.state)
            }
        }
    }
}
