import AuthenticationDomain
package import Logging
import Web

/// The use cases of the service, each of the parts that it works with.
extension AuthenticationParts {
    // MARK: - Signing in

    package var beginSignIn: BeginSignIn {
        BeginSignIn(
            issuer: issuer, database: database, random: random, policy: policy, clients: clients,
            transactionSeal: transactionSeal, hints: hints)
    }

    package var findTransaction: FindTransaction {
        FindTransaction(database: database, acts: acts, clients: clients, transactionSeal: transactionSeal)
    }

    package var signInWithAppCode: SignInWithAppCode {
        SignInWithAppCode(
            database: database, outbox: outbox, acts: acts, newID: newID, random: random, policy: policy,
            hasher: hasher, hashes: hashes, repeated: repeated, ender: ender, hints: hints,
            persons: persons, accounts: accounts)
    }

    var resumeSignIn: ResumeSignIn {
        ResumeSignIn(
            database: database, policy: policy, clients: clients, repeated: repeated, hints: hints)
    }

    package var signOut: SignOut {
        SignOut(
            database: database, outbox: outbox, acts: acts, sessionPolicy: policy.sessions, clients: clients,
            logoutBell: logoutBell, ender: ender, hints: hints)
    }

    // MARK: - The profile picker

    var redeemInteraction: RedeemInteraction {
        RedeemInteraction(
            issuer: issuer, database: database, sessionPolicy: policy.sessions, clients: clients)
    }

    var chooseProfile: ChooseProfile {
        ChooseProfile(issuer: issuer, database: database, sessionPolicy: policy.sessions)
    }

    // MARK: - Tokens

    var authenticateClient: AuthenticateClient {
        AuthenticateClient(issuer: issuer, database: database, acts: acts, clients: clients)
    }

    var exchangeCode: ExchangeCode {
        ExchangeCode(
            database: database, outbox: outbox, newID: newID, sessionPolicy: policy.sessions, tokens: tokens,
            targets: targets, tokenIssuer: tokenIssuer)
    }

    var refreshTokens: RefreshTokens {
        RefreshTokens(
            database: database, sessionPolicy: policy.sessions, tokens: tokens, targets: targets,
            tokenIssuer: tokenIssuer, accounts: accounts)
    }

    var issueServiceToken: IssueServiceToken {
        IssueServiceToken(issuer: issuer, acts: acts, newID: newID, seal: seal, targets: targets)
    }

    func introspectToken(_ verifier: AccessTokenVerifier) -> IntrospectToken {
        IntrospectToken(
            database: database, acts: acts, sessionPolicy: policy.sessions, hashes: hashes, tokens: tokens,
            audiences: audiences, verifier: verifier)
    }

    var revokeToken: RevokeToken {
        RevokeToken(database: database, outbox: outbox, tokens: tokens, seal: seal)
    }

    var readUserInfo: ReadUserInfo {
        ReadUserInfo(
            database: database, acts: acts, sessionPolicy: policy.sessions, hashes: hashes, tokens: tokens)
    }

    // MARK: - Persons and accounts

    package var resolvePersons: ResolvePersons {
        ResolvePersons(database: database, acts: acts, hashes: hashes, persons: persons)
    }

    package var namePersons: NamePersons { NamePersons(database: database) }

    package var importAccounts: ImportAccounts {
        ImportAccounts(
            database: database, outbox: outbox, acts: acts, hasher: hasher, hashes: hashes, persons: persons,
            accounts: accounts)
    }

    package var importReplacedNumbers: ImportReplacedNumbers {
        ImportReplacedNumbers(
            database: database, outbox: outbox, acts: acts, hashes: hashes, persons: persons)
    }

    package var erasePerson: ErasePerson {
        ErasePerson(database: database, outbox: outbox, acts: acts, ender: ender, persons: persons)
    }

    package var administerAccount: AdministerAccount {
        AdministerAccount(
            database: database, outbox: outbox, acts: acts, policy: policy, hashes: hashes,
            ender: ender, accounts: accounts)
    }

    // MARK: - What runs by itself

    package func deliverLogouts(post: any LogoutPost, logger: Logger) -> DeliverLogouts {
        DeliverLogouts(
            issuer: issuer, database: database, acts: acts, newID: newID, clients: clients, signer: signer,
            hashes: hashes, logoutBell: logoutBell, post: post, pollInterval: .seconds(2), logger: logger)
    }

    package func keepHouse(logger: Logger) -> KeepHouse {
        KeepHouse(
            database: database, outbox: outbox, acts: acts, policy: policy, tokens: tokens, logoutBell: logoutBell,
            ender: ender,
            keys: KeepKeys(database: database, acts: acts, sealed: sealed, persons: persons, logger: logger),
            interval: .seconds(15), logger: logger)
    }

    package var endAfterRestore: EndAfterRestore {
        EndAfterRestore(
            database: database, outbox: outbox, acts: acts, policy: policy, tokens: tokens, logoutBell: logoutBell,
            ender: ender, persons: persons, accounts: accounts)
    }

    // MARK: - What several of them share

    private var hints: IDTokenHints { IDTokenHints(issuer: issuer, signer: signer, hashes: hashes) }
    private var ender: SessionEnder { SessionEnder(clients: clients, tokens: tokens) }
    private var targets: TokenTargets { TokenTargets(issuer: issuer, audiences: audiences) }
    private var tokenIssuer: TokenIssuer {
        TokenIssuer(
            issuer: issuer, sessionPolicy: policy.sessions, signer: signer, seal: seal, hashes: hashes, tokens: tokens)
    }
}
