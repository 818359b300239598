import Flow
import Testing

/// Whether a service may decide by its own database, seen from what it learnt and the time.
@Suite struct OwnStandingTests {
    private let start = Moment(.seconds(100))
    private let patience = Duration.seconds(3)

    private func standing(toldMore: Bool? = nil, isCorrected: Bool? = nil) -> OwnStanding {
        var standing = OwnStanding(from: start, patience: patience)
        if let toldMore { standing.looked(toldMore: toldMore) }
        if let isCorrected { standing.asked(isCorrected: isCorrected) }
        return standing
    }

    @Test("a start decides nothing before the log was compared and the database answered")
    func starts() {
        for standing in [standing(), standing(toldMore: false), standing(isCorrected: true)] {
            #expect(standing.answer(at: start) == .looking)
            #expect(!standing.answer(at: start).decides)
        }
        #expect(standing(toldMore: false, isCorrected: true).answer(at: start) == .certain)
    }

    @Test("a log that cannot be compared keeps a start waiting for a while only, a silent database as long as it is")
    func brokerAway() {
        let away = standing(isCorrected: true)
        #expect(away.answer(at: start + (patience - .milliseconds(1))) == .looking)
        #expect(away.answer(at: start + patience) == .unlooked)
        #expect(away.answer(at: start + patience).decides && away.isToLook)
        #expect(standing().answer(at: start + .seconds(3600)) == .looking)
        #expect(standing(toldMore: false).answer(at: start + .seconds(3600)) == .looking)
    }

    @Test("what the log has more, or the database says is not corrected, is in doubt at any time")
    func doubted() {
        for now in [start, start + .seconds(3600)] {
            for standing in [
                standing(toldMore: true), standing(toldMore: true, isCorrected: true), standing(isCorrected: false),
                standing(toldMore: false, isCorrected: false),
            ] {
                #expect(standing.answer(at: now) == .doubted)
                #expect(!standing.answer(at: now).decides)
            }
        }
    }

    @Test("a broker that comes back late still shows that the database went back")
    func late() {
        var standing = standing(isCorrected: true)
        #expect(standing.answer(at: start + .seconds(60)).decides)
        standing.looked(toldMore: true)
        #expect(standing.answer(at: start + .seconds(61)) == .doubted && standing.isToLook)
    }

    @Test("it is looked again until the log has no more than the database, and the corrections are waited for")
    func ends() {
        var standing = standing(toldMore: true, isCorrected: true)
        #expect(standing.isToLook)
        // What was told is taken over, and not corrected yet.
        standing.asked(isCorrected: false)
        standing.looked(toldMore: false)
        #expect(!standing.isToLook && standing.answer(at: start) == .doubted)
        standing.asked(isCorrected: true)
        #expect(standing.answer(at: start) == .certain)
    }
}
