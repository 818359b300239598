package import Vocabulary

/// Who calls an operation, as an access token says.
package enum Caller: Sendable {
    /// A service or portal in its own name.
    case service(ServiceCaller)
    /// A person, through the portal that she signed in to.
    case person(PersonCaller)

    /// The scopes that the token carries.
    package var scopes: Set<String> {
        switch self {
        case .service(let caller): caller.scopes
        case .person(let caller): caller.scopes
        }
    }
}

/// A client that calls in its own name.
package struct ServiceCaller: Sendable {
    /// The client id, which for our own services is their name.
    package let clientID: String
    /// What the token allows.
    package let scopes: Set<String>

    /// A caller as a verified token or a test names it.
    package init(clientID: String, scopes: Set<String>) {
        self.clientID = clientID
        self.scopes = scopes
    }
}

/// A signed-in person with the profile that she chose.
package struct PersonCaller: Sendable {
    /// The person.
    package let personID: PersonID
    /// The session that the token belongs to.
    package let sessionID: SessionID
    /// The portal that asked for the token.
    package let clientID: String
    /// How strong the sign-in was.
    package let acr: Acr
    /// When the person signed in.
    package let authTime: Instant
    /// In which capacity she acts.
    package let profile: ProfileChoice
    /// What the token allows.
    package let scopes: Set<String>
    /// The token's own id (`jti`), by which its issuer knows it.
    package let tokenID: String

    /// A caller as a verified token or a test names it.
    package init(
        personID: PersonID, sessionID: SessionID, clientID: String, acr: Acr, authTime: Instant,
        profile: ProfileChoice, scopes: Set<String>, tokenID: String
    ) {
        self.personID = personID
        self.sessionID = sessionID
        self.clientID = clientID
        self.acr = acr
        self.authTime = authTime
        self.profile = profile
        self.scopes = scopes
        self.tokenID = tokenID
    }
}
