import AuditTrail
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
    private let essentials: Essentials

    package init(_ essentials: Essentials) {
        self.essentials = essentials
    }

    /// What the picker learns; `nil` for an errand that is unknown, redeemed before, or over.
    package func callAsFunction(
        _ id: InteractionID, client: String, facts: RequestFacts
    ) async throws -> RedeemedInteraction? {
        let now = facts.events.time
        let (stores, policy) = (essentials.stores, essentials.policy.sessions)
        return try await essentials.database.transaction { [essentials] session in
            guard try stores.interactions.redeem(id, by: client, at: now, in: session),
                let interaction = try stores.interactions.find(id, in: session),
                let signedIn = try stores.sessions.find(interaction.sessionID, in: session),
                signedIn.isLive(at: now, under: policy),
                let transaction = try stores.transactions.find(interaction.transactionID, in: session),
                let portal = essentials.clients.client(transaction.request.clientID),
                let name = try stores.names.find(signedIn.personID, in: session)
            else {
                try Audit.record(
                    essentials.record(
                        .redeemInteraction, actor: nil, client: client, reasons: [.interactionUnknown], facts: facts),
                    in: session)
                return nil
            }
            try Audit.record(
                essentials.record(
                    .redeemInteraction, actor: signedIn.personID, client: client, acr: signedIn.acr, facts: facts),
                in: session)
            return RedeemedInteraction(
                personId: signedIn.personID, sessionId: signedIn.id, acr: signedIn.acr.level,
                language: transaction.language, clientName: portal.name, firstName: name.firstName,
                lastName: name.lastName, expiresAt: interaction.expiresAt,
                redirectOrigin: transaction.request.redirectOrigin,
                signOutUrl: "\(essentials.issuer)/end-session?"
                    + FormEncoding.encode([("client_id", transaction.request.clientID)]))
        }
    }
}

/// Puts the profile that a person chose.
package struct ChooseProfile: Sendable {
    private let essentials: Essentials

    package init(_ essentials: Essentials) {
        self.essentials = essentials
    }

    /// The address to which the picker sends the browser; `nil` for an errand that this client did not redeem, or that
    /// is over.
    ///
    /// The same choice may be put again, and changed until the browser is back.
    package func callAsFunction(
        _ choice: ChosenProfile, for id: InteractionID, client: String, facts: RequestFacts
    ) async throws -> InteractionResumption? {
        let now = facts.events.time
        let (stores, policy) = (essentials.stores, essentials.policy.sessions)
        return try await essentials.database.transaction { [essentials] session in
            guard let interaction = try stores.interactions.findForUpdate(id, in: session),
                interaction.accepts(choice, from: client, at: now),
                let signedIn = try stores.sessions.find(interaction.sessionID, in: session),
                signedIn.isLive(at: now, under: policy)
            else {
                try Audit.record(
                    essentials.record(
                        .chooseProfile, actor: nil, client: client, reasons: [.interactionUnknown], facts: facts),
                    in: session)
                return nil
            }
            let resumption = InteractionResumption(
                resumeUrl: "\(essentials.issuer)/authorize/resume?interaction=\(id)"
                    + "&transaction=\(interaction.transactionID)")
            // The browser is back already: a second click of the same choice changes nothing.
            if interaction.resumedAt != nil { return resumption }
            try stores.interactions.choose(id, choice, at: now, in: session)
            try Audit.record(
                essentials.record(
                    .chooseProfile, actor: signedIn.personID, client: client, choice: choice, acr: signedIn.acr,
                    facts: facts),
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

    private let essentials: Essentials

    package init(_ essentials: Essentials) {
        self.essentials = essentials
    }

    /// - Parameter browserCookie: the cookie by which a browser holds its runs; without it nobody is signed in.
    package func callAsFunction(
        _ id: InteractionID, browserCookie: String?, facts: RequestFacts
    ) async throws -> Outcome {
        let now = facts.events.time
        // Derived, so that a second click gets the same one.
        let code = essentials.repeated.secret(.code, of: [id.description, browserCookie ?? ""])
        let browser = browserCookie.map { TokenHash.of($0) }
        let (stores, policy) = (essentials.stores, essentials.policy)
        return try await essentials.database.transaction { [essentials] session in
            guard let interaction = try stores.interactions.findForUpdate(id, in: session),
                let (transaction, isHeld) = try stores.transactions.findForUpdate(
                    interaction.transactionID, browser: browser, in: session),
                let signedIn = try stores.sessions.find(interaction.sessionID, in: session)
            else { return .over(nil) }
            let request = transaction.request
            let record = { (reasons: [ReasonCode]) in
                essentials.record(
                    .resume, actor: signedIn.personID, client: request.clientID, choice: interaction.choice,
                    reasons: reasons, acr: signedIn.acr, facts: facts)
            }
            let verdict = decideResume(
                interaction, transaction: transaction, session: signedIn, browserHolds: isHeld,
                isExpected: IDTokenHints(essentials).isExpected(signedIn.personID, by: request),
                repeatable: RepeatedForms.window, at: now, under: policy.sessions)
            switch verdict {
            case .otherBrowser:
                try Audit.record(record([.interactionOfOtherBrowser]), in: session)
                return .otherBrowser(essentials.clients.client(request.clientID))
            case .otherPerson:
                try Audit.record(record([.otherPersonExpected]), in: session)
                return .refused(transaction)
            case .over:
                try Audit.record(record([.interactionExpired]), in: session)
                return .over(essentials.clients.client(request.clientID))
            case .notChosen:
                return .profilePicker
            case .again:
                return .portal(redirectURI: request.redirectURI, code: code, state: request.state)
            case .signedIn(let choice):
                guard try stores.interactions.resume(id, at: now, in: session),
                    try stores.transactions.complete(transaction.id, at: now, in: session)
                else { return .over(essentials.clients.client(request.clientID)) }
                try stores.codes.insert(
                    TokenHash.of(code), transaction: transaction.id, session: signedIn.id, choice: choice, at: now,
                    expiresAt: now.adding(policy.codeLifetime), in: session)
                try Audit.record(record([]), in: session)
                return .portal(redirectURI: request.redirectURI, code: code, state: request.state)
            }
        }
    }
}
