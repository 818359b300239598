import Async
import FoundationEssentials
import HTTPTypes
import OrganisationRightsContracts
import Portal
import PortalDomain
import ProfileResolutionContracts
import Testing
import Vocabulary

@Suite("Whom to ask for a right, on the page of somebody who opens nothing") struct WhomToAskTests {
    private let hospital = OrganisationID(UUID())

    private func manager(
        _ name: String?, _ role: AccessManagerRole = .accessManager, away: Bool = false
    ) -> OrganisationManagers.Manager {
        OrganisationManagers.Manager(personName: name, nameUnavailable: away, role: role)
    }

    /// Looks at the page of a citizen whose right in the hospital was taken away.
    private func page(
        _ known: OrganisationManagers?, language: String = "nl", hidden: Bool = false,
        _ look: @escaping @Sendable (Browser.Page) throws -> Void
    ) async throws {
        try await withPortal { [hospital] world in
            world.services.state.withLock { state in
                state.holdsMandates = false
                state.profiles = [
                    ProfileList.Entry(
                        profile: .organisation(hospital), name: ["nl": "Ziekenhuis Oost"], available: false,
                        reasons: [
                            Reason(
                                .rightEnded, facts: ["organisation": "Ziekenhuis Oost"],
                                remedy: .ask("access-managers"))
                        ], holdsMandates: false, dossierId: nil)
                ]
                state.managers[hospital] = known
                state.hidesManagers = hidden
            }
            try look(try await world.signedIn().get("/welcome", language: language))
        }
    }

    @Test("the managers are named with their roles, and the others counted")
    func named() async throws {
        let known = OrganisationManagers(
            managers: [manager("Els <Wouters>", .chiefAccessManager), manager("Maes"), manager(nil)], others: 2)
        try await page(known) { shown in
            #expect(shown.status == .ok && shown.reasons == ["right.ended"])
            #expect(shown.contains("Wie u een recht kan geven") && shown.contains("<h3>Ziekenhuis Oost</h3>"))
            #expect(shown.contains("<li>Els &lt;Wouters&gt; (hoofdtoegangsbeheerder)</li>"))
            #expect(shown.contains("<li>Maes (toegangsbeheerder)</li>"))
            #expect(shown.contains("En nog 3 andere."))
        }
    }

    @Test("while they cannot be asked for the page is shown, with the role, and says that the names cannot be")
    func unknown() async throws {
        let unnamed = OrganisationManagers(managers: [manager(nil, away: true)], others: 0)
        for known in [nil, unnamed] {
            try await page(known) { shown in
                #expect(shown.status == .ok && shown.reasons == ["right.ended"])
                #expect(shown.contains("Vraag het aan de (hoofd)toegangsbeheerder"))
                #expect(shown.contains("De namen van de toegangsbeheerders kunnen we nu niet tonen."))
            }
        }
    }

    @Test("an organisation that stopped meanwhile sends nobody to its managers")
    func stopped() async throws {
        try await page(nil, hidden: true) { shown in
            #expect(shown.status == .ok && !shown.contains("Wie u een recht kan geven"))
            #expect(!shown.contains("kunnen we nu niet tonen"))
        }
    }

    @Test("managers without a name, and an organisation without managers, are told apart")
    func without() async throws {
        try await page(OrganisationManagers(managers: [manager(nil)], others: 0)) { shown in
            #expect(
                shown.contains("Deze organisatie heeft toegangsbeheerders (1), maar hun namen zijn ons niet gekend."))
        }
        try await page(OrganisationManagers(managers: [], others: 0)) { shown in
            #expect(shown.contains("Deze organisatie heeft bij ons geen toegangsbeheerder."))
        }
    }

    @Test("who acts for an organisation without a mandate that she can use reads whom to ask for the right to use one")
    func noMandate() async throws {
        try await withPortal { [hospital] world in
            world.services.state.withLock { state in
                state.profiles = [
                    ProfileList.Entry(
                        profile: .organisation(hospital), name: ["nl": "Ziekenhuis Oost"], available: true, reasons: [],
                        holdsMandates: false, dossierId: nil)
                ]
                state.managers[hospital] = OrganisationManagers(managers: [manager("Maes")], others: 0)
            }
            let browser = try await world.signedIn(ForeignPerson(profile: .organisation(hospital)))
            let shown = try await browser.get("/welcome")
            #expect(shown.reasons == ["organisation.no-mandate"])
            #expect(shown.contains("<li>Maes (toegangsbeheerder)</li>"))
        }
    }

    @Test("a citizen who has nothing to do with an organisation reads no names")
    func stranger() async throws {
        try await withPortal { world in
            world.services.state.withLock { $0.holdsMandates = false }
            let shown = try await world.signedIn().get("/welcome")
            #expect(shown.status == .ok && !shown.contains("Wie u een recht kan geven"))
        }
    }

    @Test(
        "in each language",
        arguments: [
            ("nl", "En nog 1 andere."), ("fr", "Et encore 1."), ("de", "Und 1 weitere."), ("en", "And 1 more."),
        ])
    func languages(_ language: String, _ text: String) async throws {
        try await page(OrganisationManagers(managers: [manager("Maes")], others: 1), language: language) { shown in
            #expect(shown.contains(text))
        }
    }
}
