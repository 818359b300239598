import AuthenticationClients
import AuthenticationDomain
import ContractCore
import Following
import FoundationEssentials
import Postgres
import Tokens
import Vocabulary

/// Makes the tokens of a person's session at one portal.
///
/// A refresh token is opaque and rests on the session, the organisation and whatever else the chosen profile rests on.
/// Each access token has a row of its own as well, on the same facts and in the same family, whose secret is the
/// token's `jti`: so introspection and revocation know of every fact that ended.
struct TokenIssuer: Sendable {
    static let refreshPurpose = "refresh"
    static let accessPurpose = "access"

    /// What a refresh token says.
    struct Grant: Codable, Sendable {
        let clientID: String
        let sessionID: SessionID
        let scopes: [String]
        /// The audiences that access tokens may be for, beside the issuer.
        let resources: [String]
        let choice: ChosenProfile
    }

    /// What there is to issue.
    enum Outcome: Sendable {
        case issued(TokenResponse)
        /// A fact that the profile rests on has ended.
        case basisEnded
    }

    let issuer: String
    let sessionPolicy: SessionPolicy
    let signer: TokenSigner
    let seal: AccessTokenSeal
    let hashes: KeyedHashes
    let tokens: TokenStore
    private let names = PersonNameStore()
    private let organisations = OrganisationFactStore()

    /// The facts that tokens of this session and profile rest on, in the versions known here.
    func bases(
        of signedIn: PersonSession, _ choice: ChosenProfile, in session: borrowing Session
    ) throws -> [VersionedBasis] {
        var bases = [VersionedBasis(.session(signedIn.id), version: signedIn.version)]
        for basis in choice.bases {
            guard let id = UUID(uuidString: basis.id), let kind = Basis.Kind(rawValue: basis.kind) else {
                throw StoredValueError("interaction")
            }
            bases.append(VersionedBasis(Basis(kind: kind, id: id), version: basis.version))
        }
        if case .organisation(let id) = choice.profile {
            let version = try organisations.version(of: id, in: session)
            bases.append(VersionedBasis(.organisation(id), version: version))
        }
        return bases
    }

    /// The first tokens of a code: access token, ID token, and a refresh token for a portal that may be away.
    func first(
        for code: AuthorizationCode, target: TokenTarget, session signedIn: PersonSession, client: Client, family: UUID,
        at now: Instant, in session: borrowing Session
    ) throws -> Outcome {
        let request = code.request
        let grant = Grant(
            clientID: client.id, sessionID: signedIn.id, scopes: request.scopes, resources: request.resources,
            choice: code.choice)
        let bases = try bases(of: signedIn, code.choice, in: session)
        try tokens.startFamily(family, at: now, in: session)
        guard
            let access = try access(
                grant, for: target, session: signedIn, bases: bases, family: family, at: now, in: session)
        else { return .basisEnded }
        var refresh: String?
        if request.scopes.contains("offline_access") {
            let draft = TokenDraft(
                purpose: Self.refreshPurpose, claims: try Self.encode(grant), bases: bases, family: family,
                issuedAt: now, expiresAt: signedIn.startedAt.adding(sessionPolicy.absolute))
            guard case .issued(let secret) = try tokens.issue(draft, in: session) else {
                return .basisEnded
            }
            refresh = secret.text
        }
        let identity = try identity(
            of: signedIn, client: client, choice: code.choice, nonce: request.nonce, at: now, in: session)
        return .issued(
            TokenResponse(
                accessToken: access.text, expiresIn: access.lifetime,
                scope: target.scopes.joined(separator: " "), idToken: identity, refreshToken: refresh))
    }

    /// An access token as its bearer gets it.
    struct Access: Sendable {
        let text: String
        /// For how many seconds it holds, at most ``Contracts/AccessTokenClaims/lifetime``.
        let lifetime: Int
    }

    /// Fails while it is not known whether one of these facts has ended: its events are missing, or nobody reads them.
    ///
    /// To be asked before issuing, which looks for ended facts.
    private func checkCertain(_ bases: [VersionedBasis], in session: borrowing Session) throws {
        let followed: [Basis.Kind: Followed] = [
            .right: .tokenRights, .organisation: .tokenRights, .dossier: .tokenDossiers,
        ]
        let others = bases.compactMap { base in followed[base.basis.kind].map { (base.basis.id, $0) } }
        guard !others.isEmpty else { return }
        let doubts = try Doubts.read(Array(Set(others.map(\.1))), in: session)
        if others.contains(where: { doubts.cover($0.0, of: $0.1.source) }) {
            throw OAuthError(.temporarilyUnavailable, "it is not known now whether the profile still holds")
        }
    }

    /// An access token; `nil` when a fact it would rest on has ended.
    ///
    /// It ends with its session at the latest, so that the end of a session's time need not be told to anybody. Throws
    /// `OAuthError` while it is not known whether such a fact has ended.
    func access(
        _ grant: Grant, for target: TokenTarget, session signedIn: PersonSession, bases: [VersionedBasis], family: UUID,
        at now: Instant, in session: borrowing Session
    ) throws -> Access? {
        try checkCertain(bases, in: session)
        let lifetime = signedIn.remainingSeconds(at: now, under: sessionPolicy)
        guard let lifetime = lifetime.map({ min($0, AccessTokenClaims.lifetime) }) else { return nil }
        let draft = TokenDraft(
            purpose: Self.accessPurpose, claims: "{}", bases: bases, family: family, issuedAt: now,
            expiresAt: now.adding(.seconds(lifetime)))
        guard case .issued(let secret) = try tokens.issue(draft, in: session) else { return nil }
        let claims = AccessTokenClaims(
            issuer: issuer, person: signedIn.personID, session: signedIn.id, family: family,
            clientID: grant.clientID, acr: signedIn.acr, authTime: signedIn.startedAt, profile: grant.choice.profile,
            audience: target.audience, scopes: target.scopes, id: secret.text, issuedAt: now, lifetime: lifetime)
        return Access(text: try seal.token(of: claims), lifetime: lifetime)
    }

    /// An ID token for this session at one portal; without `nonce` when it comes with a refresh.
    func identity(
        of signedIn: PersonSession, client: Client, choice: ChosenProfile, nonce: String?, at now: Instant,
        in session: borrowing Session
    ) throws -> String {
        let name = try names.find(signedIn.personID, in: session)
        let issued = now.secondsSinceEpoch
        let claims = IDTokenClaims(
            iss: issuer,
            sub: hashes.subject(of: signedIn.personID, at: client.id), aud: client.id,
            exp: issued + Int64(AccessTokenClaims.lifetime), iat: issued,
            authTime: signedIn.startedAt.secondsSinceEpoch, nonce: nonce, acr: signedIn.acr.uri,
            amr: signedIn.methods,
            sid: try hashes.pseudonym(of: signedIn.id, at: client.id).description,
            actingAs: .profile(choice.profile),
            givenName: name?.firstName, familyName: name?.lastName, locale: signedIn.language.rawValue)
        return try signer.sign(claims, type: "JWT")
    }

    static func encode(_ grant: Grant) throws -> String {
        String(decoding: try JSONEncoder().encode(grant), as: UTF8.self)
    }

    /// What a stored refresh token says; `nil` for a token of another purpose.
    static func grant(of token: StoredToken) -> Grant? {
        guard token.purpose == refreshPurpose else { return nil }
        return try? JSONDecoder().decode(Grant.self, from: Data(token.claims.utf8))
    }
}
