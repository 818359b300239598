import FoundationEssentials
import PortalDomain
import TestBasics
import Testing
import Vocabulary

@Suite("Portal: a tab and its dossier") struct PortalTabTests {
    private func dossier(_ id: DossierID = DossierID(UUID())) -> OpenDossier {
        OpenDossier(dossierID: id, mandateID: MandateID(UUID()), mandateType: .administrativeDossier)
    }

    @Test("a form is written only for the dossier that its tab has open")
    func write() {
        let open = dossier()
        #expect(TabContext.open(open).write(formDossier: open.dossierID) == .allowed(open))
        for other in [nil, DossierID(UUID())] {
            #expect(TabContext.open(open).write(formDossier: other).refusal?.codes == [.dossierContextMismatch])
        }
        #expect(TabContext.searching.write(formDossier: open.dossierID).refusal?.codes == [.dossierNone])
        let lost = TabContext.open(open).losing([Reason(ReasonCode(rawValue: "mandate.stopped"))])
        #expect(lost.write(formDossier: open.dossierID).refusal?.codes == [ReasonCode(rawValue: "mandate.stopped")])
    }

    @Test(
        "whatever two tabs do in whatever order, no form is ever written in a dossier other than the one it was made for"
    )
    func neverMixed() {
        var random = SeededRandom(seed: 2)
        let dossiers = (0..<5).map { _ in DossierID(UUID()) }
        for _ in 0..<2_000 {
            var tabs: [TabContext] = [.searching, .searching]
            var forms: [(made: DossierID, tab: Int)] = []
            for _ in 0..<20 {
                let index = Int.random(in: 0..<tabs.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    let wanted = dossiers.randomElement(using: &random) ?? dossiers[0]
                    let before = tabs[index].dossier?.dossierID
                    switch tabs[index].placement(of: wanted) {
                    case .thisTab: tabs[index] = .open(dossier(wanted))
                    case .newTab: tabs.append(.open(dossier(wanted)))
                    }
                    // A tab that has a dossier keeps it.
                    #expect(before == nil || tabs[index].dossier?.dossierID == before)
                case 1:
                    if case .open(let open) = tabs[index] { forms.append((open.dossierID, index)) }
                case 2:
                    tabs[index] = tabs[index].losing([Reason(ReasonCode(rawValue: "mandate.stopped"))])
                default:
                    guard let form = forms.randomElement(using: &random) else { continue }
                    // The form may be sent from its own tab or, by mistake or malice, from any other.
                    for target in [form.tab, index] {
                        if let written = tabs[target].write(formDossier: form.made).grant {
                            #expect(written.dossierID == form.made)
                            #expect(tabs[target] == .open(written))
                        }
                    }
                }
            }
        }
    }

    @Test("a lost dossier stays the tab's, so that another one opens elsewhere")
    func lostKeepsDossier() {
        let open = dossier()
        let lost = TabContext.open(open).losing([Reason(ReasonCode(rawValue: "mandate.stopped"))])
        #expect(lost.placement(of: open.dossierID) == .thisTab)
        #expect(lost.placement(of: DossierID(UUID())) == .newTab)
        #expect(TabContext.searching.losing([Reason(ReasonCode(rawValue: "mandate.stopped"))]) == .searching)
    }
}
