import ContractCore
import HTTPTypes
import Testing
import Vocabulary
import Web

@Suite("Each kind of refusal has one answer")
struct RefusalAnswerTests {
    private let reason = Reason(ReasonCode(rawValue: "thing.gone"), facts: ["since": "2026-01-31"])

    private func answer(_ kind: Refusal.Kind) -> Problem { Problem(Refusal(kind, reason), detail: "It is gone.") }

    @Test("who may not, who has none, and what stands in the way read the reasons")
    func reasons() {
        let kinds: [(Refusal.Kind, ProblemCode)] = [
            (.notAllowed, .refused), (.nothingThere, .notFound), (.conflict, .conflict),
            (.otherDossier, .contextMismatch), (.tooMany(wait: .seconds(1)), .tooManyRequests),
        ]
        for (kind, code) in kinds {
            let problem = answer(kind)
            #expect(problem.code == code && problem.reasons == [reason] && problem.detail == "It is gone.")
        }
    }

    @Test(
        "what is hidden tells nothing: neither a reason nor what happened",
        arguments: [Refusal.Kind.hidden, .passageOver])
    func hidden(_ kind: Refusal.Kind) {
        let problem = answer(kind)
        #expect(problem.status.code == 404 && problem.reasons.isEmpty && problem.detail == nil)
    }

    @Test("who looked at an older version reads what was kept")
    func outdated() {
        let problem = Problem(Refusal(.outdated, reason))
        #expect(problem.code == .versionMismatch && problem.reasons.isEmpty)
        #expect(problem.detail?.contains("your change was not kept") == true)
    }

    @Test(
        "whoever has to wait reads for how many whole seconds, at least one",
        arguments: [(0, 1), (1, 1), (1_000, 1), (1_001, 2), (7_199_500, 7200), (Int64.max, 1_000_000)])
    func wait(_ milliseconds: Int64, _ seconds: Int) {
        #expect(answer(.tooMany(wait: .milliseconds(milliseconds))).retryAfter == seconds)
    }

    @Test("a route gets what was granted, or throws the answer")
    func granted() throws {
        #expect(try Decision.allowed(7).granted() == 7)
        let refused = Decision<Int>.refused(Refusal(.conflict, reason))
        let problem = #expect(throws: Problem.self) { try refused.granted(orTelling: "Nothing was changed.") }
        #expect(problem?.code == .conflict && problem?.detail == "Nothing was changed.")
    }
}
