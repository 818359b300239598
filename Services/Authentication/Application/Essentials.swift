package import AuditTrail
package import AuthenticationDomain
package import ContractCore
import Crypto
import CryptoExtras
package import EventOutbox
package import FoundationEssentials
package import Keys
package import Postgres
package import Sealing
package import Tokens
package import Vocabulary
package import Web

/// The rules of signing in that an installation can set.
package struct SignInPolicy: Sendable {
    /// How long sessions last.
    package let sessions: SessionPolicy
    /// What makes attempts with the mobile app wait.
    package let appCodeThrottle: ThrottlePolicy
    package let appCode: AppCodeRule
    package let chooser: KeyChooser
    /// How long somebody may take from the portal to the code.
    package let transactionLifetime: Duration
    /// How long a code can be exchanged; at most ``AuthorizationCode/lifetime``.
    package let codeLifetime: Duration

    package init(
        sessions: SessionPolicy = SessionPolicy(), appCodeThrottle: ThrottlePolicy = ThrottlePolicy(),
        appCode: AppCodeRule = AppCodeRule(),
        chooser: KeyChooser = KeyChooser(offered: [.appCode]), transactionLifetime: Duration = .seconds(1800),
        codeLifetime: Duration = AuthorizationCode.lifetime
    ) {
        self.sessions = sessions
        self.appCodeThrottle = appCodeThrottle
        self.appCode = appCode
        self.chooser = chooser
        self.transactionLifetime = transactionLifetime
        self.codeLifetime = min(codeLifetime, AuthorizationCode.lifetime)
    }
}

/// The stores of this service.
package struct Stores: Sendable {
    package let persons: PersonStore
    package let accounts: AccountStore
    package let names = PersonNameStore()
    package let signingKeys: SigningKeyStore
    package let throttle = ThrottleStore()
    package let devices = DeviceStore()
    package let sessions = SessionStore()
    package let transactions = TransactionStore()
    package let interactions = InteractionStore()
    package let codes = CodeStore()
    package let assertions = ClientAssertionStore()
    package let logouts = LogoutDeliveryStore()
    package let organisations = OrganisationFactStore()

    package init(persons: PersonStore, accounts: AccountStore, signingKeys: SigningKeyStore) {
        self.persons = persons
        self.accounts = accounts
        self.signingKeys = signingKeys
    }
}

/// What the use cases of this service are made of.
package struct Essentials: Sendable {
    /// The base address of this service, the issuer of its tokens.
    package let issuer: String
    /// The URIs by which tokens name the APIs.
    package let audiences: AudienceURIs
    /// The keys that access tokens are sealed with.
    package let seals: AudienceKeys
    /// Where browsers go to choose a profile.
    package let profilePicker: String
    package let database: Database
    package let now: @Sendable () -> Instant
    package let civil: CivilTime
    package let newID: @Sendable () -> UUID
    package let random: RandomBytes
    package let policy: SignInPolicy
    package let clients: ClientRegistry
    package let signer: TokenSigner
    package let hasher: PasswordHasher
    package let keyedHashes: KeyedHashes
    package let repeated: RepeatedForms
    package let stores: Stores
    /// What the service keeps sealed, by key.
    package let sealed: SealedData
    package let tokens: TokenStore
    package let outbox: Outbox
    package let logoutBell: Bell

    package init(
        issuer: String, audiences: AudienceURIs, seals: AudienceKeys, profilePicker: String, database: Database,
        now: @escaping @Sendable () -> Instant,
        civil: CivilTime, newID: @escaping @Sendable () -> UUID, random: RandomBytes, policy: SignInPolicy,
        clients: ClientRegistry, signer: TokenSigner, hasher: PasswordHasher, keyedHashes: KeyedHashes,
        repeated: RepeatedForms, stores: Stores, sealed: SealedData, tokens: TokenStore, outbox: Outbox,
        logoutBell: Bell
    ) {
        self.issuer = issuer
        self.audiences = audiences
        self.seals = seals
        self.profilePicker = profilePicker
        self.database = database
        self.now = now
        self.civil = civil
        self.newID = newID
        self.random = random
        self.policy = policy
        self.clients = clients
        self.signer = signer
        self.hasher = hasher
        self.keyedHashes = keyedHashes
        self.repeated = repeated
        self.stores = stores
        self.sealed = sealed
        self.tokens = tokens
        self.outbox = outbox
        self.logoutBell = logoutBell
    }

    /// The calendar day at this moment.
    package func today() -> LocalDate { civil.day(at: now()) }

    /// A random id of version 4, for what must not be guessed: 122 random bits.
    package func randomID() -> UUID {
        let bytes = random(16)
        return UUID(
            uuid: (
                bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6] & 0x0f | 0x40, bytes[7],
                bytes[8] & 0x3f | 0x80, bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
            ))
    }

    /// Seals a signed access token for its audience.
    func seal(_ signed: String, for audience: String) throws -> String {
        try seals.seal(signed, for: audiences.api(audience) ?? .authentication)
    }
}

/// What a use case knows of the request that it answers.
package struct RequestFacts: Sendable {
    /// When it is answered, and in which request; who acts is known later.
    package let events: ProgramAct
    /// The address of the browser; `nil` when there is none, as in an import.
    package let source: String?

    package init(events: ProgramAct, source: String?) {
        self.events = events
        self.source = source
    }
}

/// Hashes under keys that only this service has.
package struct KeyedHashes: Sendable {
    private let pairwise: IndexKey
    private let failures: IndexKey

    package init(pairwise: IndexKey, failures: IndexKey) {
        self.pairwise = pairwise
        self.failures = failures
    }

    /// The id that a person with this number gets (RFC 9562, version 8).
    ///
    /// It follows from the number, so that whoever is met again after the database lost her has the id that mandates,
    /// rights and dossiers know her by. Without the key it tells nothing, and no number leads to it.
    package func person(of number: NationalNumber) -> PersonID {
        let bytes = pairwise.index("person:\(number.digits)")
        return PersonID(
            UUID(
                uuid: (
                    bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6] & 0x0f | 0x80, bytes[7],
                    bytes[8] & 0x3f | 0x80, bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
                )))
    }

    /// The subject under which one portal knows a person; no two portals can compare theirs.
    package func subject(of person: PersonID, at client: String) -> String {
        Base64URL.encode(pairwise.index("subject:\(client):\(person)"))
    }

    /// The id under which one portal knows a session: the session's own, permuted by AES under a key of the portal's.
    ///
    /// It can be turned back (``session(_:of:)``), so that nobody keeps a table of them.
    package func pseudonym(of session: SessionID, at client: String) throws -> SessionID {
        try permuted(session) { block in try AES.permute(&block, key: sessionKey(of: client)) }
    }

    /// The session that one portal knows under this id.
    package func session(_ pseudonym: SessionID, of client: String) throws -> SessionID {
        try permuted(pseudonym) { block in try AES.inversePermute(&block, key: sessionKey(of: client)) }
    }

    private func sessionKey(of client: String) -> SymmetricKey {
        SymmetricKey(data: pairwise.index("session:\(client)"))
    }

    /// An id is as long as a block of AES.
    private func permuted(_ id: SessionID, by permute: (inout [UInt8]) throws -> Void) throws -> SessionID {
        var block = withUnsafeBytes(of: id.uuid.uuid) { Array($0) }
        try permute(&block)
        return SessionID(block.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) })
    }

    /// The hash of an account's name as it was typed, whether it can be one or not: what somebody tries on a name that
    /// nobody has is held against it as on any other.
    package func account(_ name: String) -> [UInt8] {
        failures.index("account:\(UserName(name)?.folded ?? "?" + name.lowercased())")
    }

    /// The hash of the network that an address lies in: the address of version 4, 64 bits of version 6.
    package func network(_ address: String) -> [UInt8] {
        guard let address = NetworkAddress(address) else { return failures.index("network:?") }
        return failures.index("network:\(address.network(bits: 64).bytes)")
    }

    /// Where an attempt comes from.
    ///
    /// - Parameters:
    ///   - browser: the hash of the browser's device cookie, when the account has signed in with it before.
    ///   - address: of the browser; nobody's counts as one network.
    package func origin(account name: String, knownBrowser browser: [UInt8]?, address: String?) -> AttemptOrigin {
        let wide = address.flatMap { NetworkAddress($0) }.flatMap { address in
            address.isVersion4 ? nil : failures.index("wide-network:\(address.network(bits: 48).bytes)")
        }
        return AttemptOrigin(
            account: account(name), knownBrowser: browser, network: network(address ?? "?"), wideNetwork: wide)
    }
}

/// Wakes somebody in this process; rings that nobody heard yet count as one.
package struct Bell: Sendable {
    /// The rings.
    package let rings: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() {
        (rings, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Rings.
    package func ring() { continuation.yield() }
}
