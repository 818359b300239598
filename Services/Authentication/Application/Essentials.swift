package import AuthenticationDomain
package import FoundationEssentials
package import Keys
package import Messaging
package import Postgres
package import Tokens
package import Vocabulary

/// The rules of signing in that an installation can set.
package struct SignInPolicy: Sendable {
    /// How long sessions last.
    package let sessions: SessionPolicy
    package let accountThrottle: ThrottlePolicy
    package let sourceThrottle: ThrottlePolicy
    package let appCode: AppCodeRule
    package let chooser: KeyChooser
    /// How long somebody may take from the portal to the code.
    package let transactionLifetime: Duration
    /// How long a code can be exchanged; at most ``AuthorizationCode/lifetime``.
    package let codeLifetime: Duration

    package init(
        sessions: SessionPolicy = SessionPolicy(), accountThrottle: ThrottlePolicy = .account,
        sourceThrottle: ThrottlePolicy = .source, appCode: AppCodeRule = AppCodeRule(),
        chooser: KeyChooser = KeyChooser(offered: [.appCode]), transactionLifetime: Duration = .seconds(1800),
        codeLifetime: Duration = AuthorizationCode.lifetime
    ) {
        self.sessions = sessions
        self.accountThrottle = accountThrottle
        self.sourceThrottle = sourceThrottle
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
    package let signingKeys: SigningKeyStore
    package let failures = SignInFailureStore()
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
    package let stores: Stores
    package let tokens: TokenStore
    package let outbox: Outbox
    package let logoutBell: Bell

    package init(
        issuer: String, profilePicker: String, database: Database, now: @escaping @Sendable () -> Instant,
        civil: CivilTime, newID: @escaping @Sendable () -> UUID, random: RandomBytes, policy: SignInPolicy,
        clients: ClientRegistry, signer: TokenSigner, hasher: PasswordHasher, keyedHashes: KeyedHashes, stores: Stores,
        tokens: TokenStore, outbox: Outbox, logoutBell: Bell
    ) {
        self.issuer = issuer
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
        self.stores = stores
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
}

/// What a use case knows of the request that it answers.
package struct RequestFacts: Sendable {
    /// Where events of the request come from.
    package let events: EventContext
    package let requestID: String
    /// The address of the browser; `nil` when there is none, as in an import.
    package let source: String?

    package init(events: EventContext, requestID: String, source: String?) {
        self.events = events
        self.requestID = requestID
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

    /// The subject under which one portal knows a person; no two portals can compare theirs.
    package func subject(of person: PersonID, at client: String) -> String {
        Base64URL.encode(pairwise.index("subject:\(client):\(person)"))
    }

    /// Under what the failures of a user name are counted.
    package func subject(of userName: UserName) -> FailureSubject {
        FailureSubject(.account, key: failures.index("account:\(userName.folded)"))
    }

    /// Under what the failures from an address are counted.
    package func subject(ofSource address: String) -> FailureSubject {
        FailureSubject(.source, key: failures.index("source:\(address)"))
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
