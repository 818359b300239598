import Authentication
import MandateRegistry
import OrganisationRights
import Portal
import Process
import ProfileResolution
import Testing

/// What operators do on the command line of a service, and what of it is done while its facts are in doubt.
@Suite struct CommandTests {
    /// What is not refused then: this list names all of it, with why.
    private static let done: [String: CommandEffect] = [
        "authentication account show": .reads,
        // They end access, and give none.
        "authentication account disable": .endsAccess,
        "authentication account end-sessions": .endsAccess,
    ]

    private static func effects<Subject: ToegangService>(_: Subject.Type) -> [String: CommandEffect] {
        let actions = Subject.operatorCommands.flatMap { commands in
            commands.actions.map { ("\(Subject.name) \(commands.name) \($0.name)", $0.effect) }
        }
        return Dictionary(actions) { first, _ in first }
    }

    @Test("every command for operators decides by the facts of its service, but for those that are named")
    func effects() {
        let all = [
            Self.effects(AuthenticationService.self), Self.effects(ProfileResolutionService.self),
            Self.effects(MandateRegistryService.self), Self.effects(OrganisationRightsService.self),
            Self.effects(PortalService.self),
        ].reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        #expect(all.count >= 6)
        #expect(all.filter { $0.value != .decides } == Self.done)
    }
}
