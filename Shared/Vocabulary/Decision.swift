/// The answer to one question: granted with what follows from it, or refused with the reasons.
package enum Decision<Grant: Sendable>: Sendable {
    case allowed(Grant)
    case refused(Refusal)

    /// What was granted; nothing when refused.
    package var grant: Grant? {
        guard case .allowed(let grant) = self else { return nil }
        return grant
    }

    /// Why it was refused; nothing when granted.
    package var refusal: Refusal? {
        guard case .refused(let refusal) = self else { return nil }
        return refusal
    }

    package var isAllowed: Bool { grant != nil }

    /// What was granted.
    ///
    /// - Throws: the refusal.
    package func get() throws(Refusal) -> Grant {
        switch self {
        case .allowed(let grant): return grant
        case .refused(let refusal): throw refusal
        }
    }

    /// The same answer with another grant.
    package func map<Other>(_ transform: (Grant) -> Other) -> Decision<Other> {
        switch self {
        case .allowed(let grant): .allowed(transform(grant))
        case .refused(let refusal): .refused(refusal)
        }
    }
}

extension Decision: Equatable where Grant: Equatable {}

/// Why something was refused: the reasons in the order of their weight, never none, and what kind of refusal it is.
package struct Refusal: Error, Hashable, Sendable {
    /// What the refusal tells the asker about the thing; one table says how each kind is answered.
    ///
    /// It belongs to the decision and not to the reason: that a dossier is unknown is told to whoever has a mandate for
    /// it, and hidden from everybody else.
    package enum Kind: Hashable, Sendable {
        /// The asker may not; the reasons say why.
        case notAllowed
        /// Nothing is there, or the asker may not know whether something is: the reasons are for the record alone.
        case hidden
        /// The asker has no such thing; the reasons say why.
        case nothingThere
        /// The state of the thing does not allow it.
        case conflict
        /// It was meant for another dossier than the one that is open.
        case otherDossier
        /// Somebody changed the thing since the asker looked at it.
        case outdated
        /// The passage of the browser is unknown, over, or somebody else's.
        case passageOver
        /// She has done it too often, and can do it again after a while.
        case tooMany(wait: Duration)
    }

    package let kind: Kind
    package let reasons: [Reason]

    /// The asker may not.
    package init(_ first: Reason, _ rest: Reason...) {
        kind = .notAllowed
        reasons = [first] + rest
    }

    /// A refusal of another kind.
    package init(_ kind: Kind, _ first: Reason, _ rest: Reason...) {
        self.kind = kind
        reasons = [first] + rest
    }

    /// The asker may not, for all reasons that were found; nothing when there are none.
    package init?(_ reasons: [Reason]) {
        guard !reasons.isEmpty else { return nil }
        kind = .notAllowed
        self.reasons = reasons
    }

    /// The codes of the reasons, as the audit trail keeps them.
    package var codes: [ReasonCode] { reasons.map(\.code) }
}

/// One reason for a refusal, with the facts that it rests on and what would change it.
///
/// It holds nothing that the asker has no right to know.
package struct Reason: Sendable, Hashable, Codable {
    package let code: ReasonCode
    /// The facts used, by name, such as `profession` or `since`; texts of pages refer to them.
    package let facts: [String: String]
    package let remedy: Remedy?

    package init(_ code: ReasonCode, facts: [String: String] = [:], remedy: Remedy? = nil) {
        self.code = code
        self.facts = facts
        self.remedy = remedy
    }
}

/// What would change a refusal, and who can do that.
///
/// The strings are keys of texts, not texts.
package enum Remedy: Hashable, Sendable, Codable {
    /// Time alone helps: `wait("dossier-set-up")`.
    case wait(String)
    /// Somebody else can help: `ask("access-managers")`.
    case ask(String)
    case useStrongerKey(Acr)
    case chooseAnotherProfile
    case signInAgain

    private enum Kind: String, Codable {
        case wait, ask
        case useStrongerKey = "use-stronger-key"
        case chooseAnotherProfile = "choose-another-profile"
        case signInAgain = "sign-in-again"
    }

    private enum CodingKeys: String, CodingKey { case kind, subject, acr }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(Kind.self, forKey: .kind) {
        case .wait: self = .wait(try container.decode(String.self, forKey: .subject))
        case .ask: self = .ask(try container.decode(String.self, forKey: .subject))
        case .useStrongerKey: self = .useStrongerKey(try container.decode(Acr.self, forKey: .acr))
        case .chooseAnotherProfile: self = .chooseAnotherProfile
        case .signInAgain: self = .signInAgain
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .wait(let subject):
            try container.encode(Kind.wait, forKey: .kind)
            try container.encode(subject, forKey: .subject)
        case .ask(let subject):
            try container.encode(Kind.ask, forKey: .kind)
            try container.encode(subject, forKey: .subject)
        case .useStrongerKey(let acr):
            try container.encode(Kind.useStrongerKey, forKey: .kind)
            try container.encode(acr, forKey: .acr)
        case .chooseAnotherProfile: try container.encode(Kind.chooseAnotherProfile, forKey: .kind)
        case .signInAgain: try container.encode(Kind.signInAgain, forKey: .kind)
        }
    }
}
