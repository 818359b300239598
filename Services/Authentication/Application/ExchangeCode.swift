package import AuditTrail
import AuthenticationClients
package import AuthenticationDomain
import ContractCore
import Crypto
import EventOutbox
import FoundationEssentials
import Keys
import Postgres
import Tokens
import Vocabulary

/// Exchanges a code for tokens, once.
package struct ExchangeCode: Sendable {
    let database: Database
    let outbox: Outbox
    let newID: @Sendable () -> UUID
    let sessionPolicy: SessionPolicy
    let tokens: TokenStore
    let targets: TokenTargets
    let tokenIssuer: TokenIssuer
    private let sessions = SessionStore()
    private let codes = CodeStore()

    /// The tokens of a code.
    ///
    /// Throws `OAuthError`: `invalid_grant` for every code that cannot be exchanged.
    ///
    /// - Parameter resource: what the access token is for; a wrong one leaves the code as it is.
    ///
    /// A code that comes a second time ends the tokens that it was exchanged for before. One that is refused for
    /// another reason is used up. One that there never was anybody can make a portal ask for: that is counted, and leaves
    /// no record.
    package func callAsFunction(
        code: String, redirectURI: String, verifier: String, resource: String?, client: Client, act: ProgramAct
    ) async throws -> TokenResponse {
        guard ProofKeyRule.isVerifier(verifier) else {
            throw OAuthError(.invalidRequest, "code_verifier must be 43 to 128 unreserved characters")
        }
        let challenge = Base64URL.encode(SHA256.hash(data: [UInt8](verifier.utf8)))
        let wish = CodeRedemption(clientID: client.id, redirectURI: redirectURI, challengeOfVerifier: challenge)
        // The refusal is a result and not an error, since what it ends has to be committed.
        let result = try await outbox.transaction(on: database) { session in
            try exchange(TokenHash.of(code), wish, resource: resource, client: client, act: act, in: session)
        }
        return try result.get()
    }

    private func exchange(
        _ hash: [UInt8], _ wish: CodeRedemption, resource: String?, client: Client, act: ProgramAct,
        in session: borrowing Session
    ) throws -> Result<TokenResponse, OAuthError> {
        let now = act.time
        guard let found = try codes.findForUpdate(hash, in: session) else {
            AuditAction.exchangeCode.countRefusal(ReasonCode(.unknown))
            return .failure(Self.refused)
        }
        guard let signedIn = try sessions.findForUpdate(found.code.sessionID, in: session) else {
            return try refuse(ReasonCode(.unknown), person: nil, client: client, act: act, in: session)
        }
        let isLive = signedIn.isLive(at: now, under: sessionPolicy)
        if let refusal = refusal(of: wish, for: found.code, sessionIsLive: isLive, at: now) {
            var told: [EventDraft] = []
            if refusal == .reused, let family = found.tokenFamily {
                if try tokens.endFamily(family, reason: .reuse, at: now, in: session) {
                    told = [accessEnded(.family(family), at: now)]
                }
            } else if found.code.usedAt == nil {
                // Whoever presents a code by mistake or by theft, nobody can try it again.
                try codes.use(hash, family: nil, at: now, in: session)
            }
            return try refuse(
                ReasonCode(refusal), person: signedIn.personID, client: client, act: act, telling: told,
                in: session)
        }
        let request = found.code.request
        let target: TokenTarget
        do throws(OAuthError) {
            target = try targets.target(resource, granted: request.resources, scopes: request.scopes)
        } catch {
            return .failure(error)
        }
        let family = newID()
        try codes.use(hash, family: family, at: now, in: session)
        try sessions.touch(signedIn.id, at: now, in: session)
        try sessions.join(signedIn.id, client: client.id, at: now, in: session)
        let outcome = try tokenIssuer.first(
            for: found.code, target: target, session: signedIn, client: client, family: family, at: now, in: session)
        guard case .issued(let response) = outcome else {
            return try refuse(.basisEnded, person: signedIn.personID, client: client, act: act, in: session)
        }
        try Audit.record(
            act.record(
                .exchangeCode, actor: signedIn.personID, client: client.id, choice: found.code.choice,
                acr: signedIn.acr),
            in: session)
        return .success(response)
    }

    private func refuse(
        _ reason: ReasonCode, person: PersonID?, client: Client, act: ProgramAct, telling told: [EventDraft] = [],
        in session: borrowing Session
    ) throws -> Result<TokenResponse, OAuthError> {
        let entry = act.record(.exchangeCode, actor: person, client: client.id, reasons: [reason])
        try outbox.append(told, audit: entry, in: session)
        return .failure(Self.refused)
    }

    private static let refused = OAuthError(.invalidGrant, "the code cannot be exchanged")
}
