import AuthenticationDomain
import Testing
import Vocabulary

@Suite("A leaky bucket")
struct LeakyBucketTests {
    private let now = Instant(secondsSinceEpoch: 1_000_000)
    private let policy = BucketPolicy(capacity: 5, leak: .seconds(900))

    private func bucket(_ failures: Int) -> LeakyBucket {
        (0..<failures).reduce(LeakyBucket(emptyAt: now)) { bucket, _ in bucket.adding(at: now, under: policy) }
    }

    @Test("it holds what it holds, and then says to the microsecond until when one waits")
    func exactWait() {
        #expect(bucket(4).verdict(at: now, under: policy) == .free)
        let until = now.adding(.seconds(900))
        #expect(bucket(5).verdict(at: now, under: policy) == .wait(until: until))
        #expect(bucket(5).verdict(at: until.adding(.microseconds(-1)), under: policy) == .wait(until: until))
        #expect(bucket(5).verdict(at: until, under: policy) == .free)
    }

    @Test("one failure leaks out at a time, none doubles, and none is for ever")
    func leaks() {
        let full = bucket(5)
        let later = now.adding(.seconds(900))
        #expect(full.adding(at: later, under: policy).verdict(at: later, under: policy) != .free)
        #expect(!full.isEmpty(at: now.adding(.seconds(4499))))
        #expect(full.isEmpty(at: now.adding(.seconds(4500))))
    }

    @Test("what is given back is as if it had not been")
    func givesBack() {
        #expect(bucket(5).removing(under: policy) == bucket(4))
        #expect(bucket(1).removing(under: policy).isEmpty(at: now))
    }

    @Test("nobody waits longer than the policy can ask, whatever the row says")
    func bounded() {
        let absurd = LeakyBucket(emptyAt: Instant(microseconds: .max))
        #expect(absurd.verdict(at: now, under: policy) == .wait(until: now.adding(.seconds(900))))
        #expect(LeakyBucket(emptyAt: Instant(microseconds: .min)).verdict(at: now, under: policy) == .free)
    }

    @Test("of two waits the later one counts")
    func bothWaits() {
        let (soon, late) = (now.adding(.seconds(1)), now.adding(.seconds(2)))
        #expect(ThrottleVerdict.wait(until: soon).and(.wait(until: late)) == .wait(until: late))
        #expect(ThrottleVerdict.free.and(.wait(until: soon)) == .wait(until: soon))
        #expect(ThrottleVerdict.wait(until: soon).and(.free) == .wait(until: soon))
    }
}

@Suite("The queue of password hashes")
struct HashQueueTests {
    @Test("one network gets a quarter, unknown browsers half, known ones the rest")
    func shares() {
        var queue = HashQueue(places: 32)
        let flood = HashGuest.unknownBrowser(network: [1])
        let taken = (0..<100).count { _ in queue.enter(flood) }
        #expect(taken == 8)
        let others = (2..<100).count { queue.enter(.unknownBrowser(network: [UInt8($0)])) }
        #expect(others == 8)
        let known = (0..<100).count { _ in queue.enter(.knownBrowser) }
        #expect(known == 16)
        queue.leave(flood)
        let (operation, again) = (queue.enter(.operation), queue.enter(flood))
        #expect(operation && !again)
    }

    @Test("who leaves makes place for the next of the same network")
    func leaving() {
        var queue = HashQueue(places: 4)
        let guest = HashGuest.unknownBrowser(network: [1])
        for _ in 0..<10 {
            let (first, second) = (queue.enter(guest), queue.enter(guest))
            #expect(first && !second)
            queue.leave(guest)
        }
    }
}

@Suite("Sign-in decisions")
struct SignInDecisionTests {
    private let person = PersonID(.init())
    private let later = Instant(secondsSinceEpoch: 5)

    @Test("only who typed everything right learns more than that it does not fit", arguments: [true, false])
    func tellsOnlyTheRightOne(enabled: Bool) {
        for person in [person, nil] {
            for password in [true, false] {
                for step in [Int64(7), nil] {
                    for code in [ThrottleVerdict.free, .wait(until: later)] {
                        let verdict = decideSignIn(
                            SignInEvidence(
                                person: person, isEnabled: enabled, passwordFits: password, codeStep: step, code: code)
                        )
                        let allRight = person != nil && password && step != nil
                        #expect(verdict.isFailure == !allRight)
                        if case .granted = verdict { #expect(allRight && enabled && code == .free) }
                        if case .rightButWait = verdict { #expect(allRight && enabled && code != .free) }
                        if verdict == .disabled { #expect(allRight && !enabled) }
                        if verdict == .wrongCode { #expect(person != nil && password && step == nil) }
                    }
                }
            }
        }
    }
}
