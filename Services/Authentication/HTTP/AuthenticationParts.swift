package import AuditTrail
import AuthenticationDomain
import ContractCore
import EventOutbox
import FoundationEssentials
import Keys
package import Postgres
package import Process
package import Sealing
import Settings
package import Tokens
import Vocabulary
import Web

/// What the use cases of the service are composed of; none of them gets it, each gets the parts that it works with
/// (`UseCases.swift`).
package struct AuthenticationParts: Sendable {
    package let database: Database
    package let acts: Acts
    package let policy: SignInPolicy
    package let clients: ClientRegistry
    package let persons: PersonStore
    package let accounts: AccountStore
    package let signingKeys: SigningKeyStore
    package let tokens: TokenStore
    package let signer: TokenSigner
    package let hasher: PasswordHasher
    package let hashes: KeyedHashes
    /// What the service keeps sealed, by key.
    package let sealed: SealedData
    /// Keeps the signing keys; to be called once before anything is signed.
    package let rotation: RotateSigningKeys
    /// The base address of this service, the issuer of its tokens.
    let issuer: String
    let audiences: AudienceURIs
    let seal: AccessTokenSeal
    let newID: @Sendable () -> UUID
    let random: RandomBytes
    let repeated: RepeatedForms
    let transactionSeal: TransactionSeal
    let outbox: Outbox
    let logoutBell = Bell()

    package init(_ config: AuthenticationConfig, _ base: ServiceBase) throws {
        let sealing = SealedRows(key: config.sealing)
        guard let vault = NationalNumberVault(sealing: sealing, index: config.numberIndex) else {
            throw ConfigurationProblem("keys.numberIndex", "must name keys of at least 32 bytes")
        }
        (database, issuer, audiences) = (base.database, base.baseURL, base.verifier.audiences)
        (newID, random) = (base.newID, base.random)
        acts = base.acts
        (policy, clients) = (config.policy, config.clients)
        persons = PersonStore(vault: vault)
        accounts = AccountStore(sealing: sealing)
        signingKeys = SigningKeyStore(sealing: sealing)
        tokens = TokenStore()
        signer = TokenSigner(schedule: config.signingKeys, now: base.now)
        seal = AccessTokenSeal(signer: signer, keys: base.verifier.seals, audiences: audiences)
        hasher = PasswordHasher(
            cost: config.passwordCost, threads: config.passwordThreads, places: config.passwordPlaces,
            random: base.random)
        hashes = KeyedHashes(pairwise: config.pairwise, failures: config.failures)
        repeated = RepeatedForms(key: config.formKey)
        transactionSeal = TransactionSeal(key: config.formKey)
        sealed = SealedData(
            columns: [vault.sealedColumn, accounts.sealedColumn, signingKeys.sealedColumn],
            currentID: config.sealing.currentID, keyIDs: config.sealing.ids)
        outbox = Outbox(
            source: .authentication, environment: base.environment,
            beside: [Outbox(source: .access, environment: base.environment, keeping: SessionEnder.accessEndsAreKept)])
        rotation = RotateSigningKeys(
            database: base.database, store: signingKeys, schedule: config.signingKeys, signer: signer,
            verifierKeys: base.verifier.keys, now: base.now, logger: base.logger)
    }
}

/// Seals rows with the service's sealing key.
private struct SealedRows: Sealing {
    let key: SealingKey

    var currentID: String { key.currentID }
    var ids: [String] { key.ids }

    func seal(_ plain: [UInt8], associated: [UInt8]) throws -> [UInt8] {
        try key.seal(plain, associated: associated)
    }

    func open(_ sealed: [UInt8], associated: [UInt8]) throws -> [UInt8] {
        try key.open(sealed, associated: associated)
    }
}
