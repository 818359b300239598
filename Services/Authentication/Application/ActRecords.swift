package import AuditTrail
package import AuthenticationDomain
package import Vocabulary

extension ProgramAct {
    /// The record of what was done or wanted, now that it is known by whom.
    ///
    /// - Parameters:
    ///   - actor: the person; nil when a client or the service itself acts, or nobody has signed in.
    ///   - choice: as whom she acts, once she has chosen.
    ///   - reasons: why it was refused; empty means that it was allowed.
    ///   - userName: the keyed hash of the user name that was typed.
    ///   - commandedBy: who ran the command by which it was done.
    package func record(
        _ action: AuditAction, actor: PersonID?, client: String?, choice: ChosenProfile? = nil,
        reasons: [ReasonCode] = [], acr: Acr? = nil, userName: [UInt8]? = nil, commandedBy: String? = nil
    ) -> AuditEntry {
        let about = ActSubject(userName: userName)
        guard let actor else {
            let program = ActingProgram(client ?? "authentication", commandedBy: commandedBy ?? by.commandedBy)
            return by(program).record(action, reasons: reasons, about: about)
        }
        let standing = choice.map { Capacity.profile($0.profile) } ?? .unchosen
        return by(ActingPerson(actor, as: standing, through: client, acr: acr))
            .record(action, reasons: reasons, about: about)
    }
}

// MARK: - Reasons that only the audit record tells apart

extension ReasonCode {
    /// The reason of a code that is not exchanged.
    package init(_ refusal: CodeRefusal) { self.init(rawValue: refusal.rawValue) }

    /// No such account, or not its password.
    package static let passwordWrong = ReasonCode(rawValue: "credentials.password")
    /// A code that is wrong or was used, after a password that fitted.
    package static let codeWrong = ReasonCode(rawValue: "credentials.code")
    package static let refreshTokenOfOtherClient = ReasonCode(rawValue: "token.of-other-client")
    package static let basisEnded = ReasonCode(rawValue: "token.basis-ended")
    package static let interactionOfOtherBrowser = ReasonCode(rawValue: "interaction.of-other-browser")
    package static let otherPersonExpected = ReasonCode(rawValue: "person.other-expected")
    package static let profileNotChosen = ReasonCode(rawValue: "profile.not-chosen")
}
