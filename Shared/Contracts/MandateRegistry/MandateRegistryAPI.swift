package import Vocabulary

/// What the mandate holder typed on "Mandaatgever zoeken"; an empty search lists all her grantors.
package struct GrantorSearch: Codable, Sendable {
    package static let pageSize = 25
    /// As many grantors as are counted; who has more names what she looks for, or goes on behind the last of them.
    package static let mostCounted = 1_000
    /// The last page that can be asked for.
    package static let lastPage = mostCounted / pageSize

    package let rizivNumber: String?
    package let nationalNumber: String?
    package let lastName: String?
    package let firstName: String?
    /// From 1.
    package let page: Int
    /// Only grantors that come behind this one by name; pages are counted from there, so that nobody is out of reach.
    package let behind: DossierID?

    package init(
        rizivNumber: String?, nationalNumber: String?, lastName: String?, firstName: String?, page: Int,
        behind: DossierID? = nil
    ) {
        self.rizivNumber = rizivNumber
        self.nationalNumber = nationalNumber
        self.lastName = lastName
        self.firstName = firstName
        self.page = page
        self.behind = behind
    }
}

/// One page of grantors for whom the caller holds a mandate today.
package struct GrantorPage: Codable, Sendable {
    package struct Grantor: Codable, Sendable {
        package let dossierId: DossierID
        package let firstName: String
        package let lastName: String
        package let profession: Profession
        package let rizivNumber: RizivNumber?
        package let mandateTypes: [MandateType]

        package init(
            dossierId: DossierID, firstName: String, lastName: String, profession: Profession,
            rizivNumber: RizivNumber?, mandateTypes: [MandateType]
        ) {
            self.dossierId = dossierId
            self.firstName = firstName
            self.lastName = lastName
            self.profession = profession
            self.rizivNumber = rizivNumber
            self.mandateTypes = mandateTypes
        }
    }
    /// How many there are, at most `GrantorSearch.mostCounted`.
    package let total: Int
    /// Whether there are more than `total`, which nobody counted.
    package let hasMore: Bool
    package let page: Int
    package let grantors: [Grantor]

    package init(total: Int, hasMore: Bool, page: Int, grantors: [Grantor]) {
        self.total = total
        self.hasMore = hasMore
        self.page = page
        self.grantors = grantors
    }
}

/// A mandate as its grantor sees it.
package struct GivenMandate: Codable, Sendable {
    package let mandateId: MandateID
    package let version: Int64
    package let type: MandateType
    package let status: MandateStatus
    package let holderKind: String
    /// The organisation's name, or the person's; absent while nobody has told hers, or it cannot be asked for now.
    package let holderName: String?
    /// Whether the person's name cannot be asked for at this moment, so that it is not known if there is one.
    package let nameUnavailable: Bool
    /// What the grantor can recognise a person by, such as the last characters of the mandate's reference.
    package let reference: String
    package let profession: Profession
    package let startsOn: LocalDate
    package let endsOn: LocalDate?

    package init(
        mandateId: MandateID, version: Int64, type: MandateType, status: MandateStatus, holderKind: String,
        holderName: String?, nameUnavailable: Bool = false, reference: String, profession: Profession,
        startsOn: LocalDate, endsOn: LocalDate?
    ) {
        self.mandateId = mandateId
        self.version = version
        self.type = type
        self.status = status
        self.holderKind = holderKind
        self.holderName = holderName
        self.nameUnavailable = nameUnavailable
        self.reference = reference
        self.profession = profession
        self.startsOn = startsOn
        self.endsOn = endsOn
    }
}

/// The mandates that a person gave, newest first, a page at a time.
package struct GivenMandates: Codable, Sendable {
    package let mandates: [GivenMandate]
    /// The last of these, when there are older ones: what to ask for `after`.
    package let next: MandateID?

    package init(mandates: [GivenMandate], next: MandateID? = nil) {
        self.mandates = mandates
        self.next = next
    }
}

/// The answer to stopping or renouncing a mandate.
package struct MandateEnded: Codable, Sendable {
    package let mandateId: MandateID
    package let version: Int64
    package let status: MandateStatus

    package init(mandateId: MandateID, version: Int64, status: MandateStatus) {
        self.mandateId = mandateId
        self.version = version
        self.status = status
    }
}

/// A dossier context as it is handed out by token exchange (RFC 8693); keys as that document has them, plus ours.
package struct DossierContextToken: Codable, Sendable {
    package static let grantType = "urn:ietf:params:oauth:grant-type:token-exchange"
    package static let accessTokenType = "urn:ietf:params:oauth:token-type:access_token"
    package static let issuedTokenType = "urn:toegang:token-type:dossier-context"
    package static let audience = "dossier-context"
    package static let resourcePrefix = "urn:toegang:dossier:"

    package let accessToken: String
    package let issuedTokenType: String
    package let tokenType: String
    /// Seconds.
    package let expiresIn: Int
    package let dossierId: DossierID
    package let mandateId: MandateID
    package let mandateType: MandateType

    private enum CodingKeys: String, CodingKey {
        case accessToken = "access_token"
        case issuedTokenType = "issued_token_type"
        case tokenType = "token_type"
        case expiresIn = "expires_in"
        case dossierId, mandateId, mandateType
    }

    package init(
        accessToken: String, expiresIn: Int, dossierId: DossierID, mandateId: MandateID, mandateType: MandateType
    ) {
        self.accessToken = accessToken
        self.issuedTokenType = Self.issuedTokenType
        self.tokenType = "Bearer"
        self.expiresIn = expiresIn
        self.dossierId = dossierId
        self.mandateId = mandateId
        self.mandateType = mandateType
    }
}

/// The answer of introspecting a dossier context (RFC 7662 shape); only `active` when it is not active.
package struct DossierContextIntrospection: Codable, Sendable {
    package struct Actor: Codable, Sendable {
        package let sub: PersonID

        package init(sub: PersonID) { self.sub = sub }
    }
    package let active: Bool
    /// The grantor.
    package let sub: PersonID?
    /// The person who acts.
    package let act: Actor?
    package let aud: String?
    /// Seconds since 1970.
    package let exp: Int64?
    package let dossierId: DossierID?
    package let mandateId: MandateID?
    package let mandateType: MandateType?
    /// Present when the person acts for an organisation that holds the mandate.
    package let organisationId: OrganisationID?
    package let actions: [DossierAction]?
    /// SHA-256 of the tab handle, base64url, to which the context is bound.
    package let tab: String?
    package let acr: Int?
    /// The portal through which the person acts.
    package let clientId: String?

    private enum CodingKeys: String, CodingKey {
        case active, sub, act, aud, exp, dossierId, mandateId, mandateType, organisationId, actions, tab, acr
        case clientId = "client_id"
    }

    package init(
        sub: PersonID, actor: PersonID, clientID: String, expiresAt: Instant, dossierId: DossierID,
        mandateId: MandateID, mandateType: MandateType, organisationId: OrganisationID?, actions: [DossierAction],
        tab: String, acr: Int
    ) {
        self.active = true
        self.sub = sub
        self.act = Actor(sub: actor)
        self.aud = DossierContextToken.audience
        self.exp = expiresAt.secondsSinceEpoch
        self.dossierId = dossierId
        self.mandateId = mandateId
        self.mandateType = mandateType
        self.organisationId = organisationId
        self.actions = actions
        self.tab = tab
        self.acr = acr
        self.clientId = clientID
    }

    private init() {
        active = false
        sub = nil
        act = nil
        aud = nil
        exp = nil
        dossierId = nil
        mandateId = nil
        mandateType = nil
        organisationId = nil
        actions = nil
        tab = nil
        acr = nil
        clientId = nil
    }

    /// What is said of every token that does not hold, whatever the cause.
    package static let inactive = DossierContextIntrospection()
}
