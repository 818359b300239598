import AuthenticationDomain
import TestBasics
import Testing
import Vocabulary

/// What credentials were typed.
enum Typed { case wrongPassword, wrongCode, right }

/// The whole rule over a book of buckets, as the service applies it over its table.
final class SimulatedThrottle {
    let policy: ThrottlePolicy
    private(set) var buckets: SignInThrottle.Buckets = [:]

    init(_ policy: ThrottlePolicy = ThrottlePolicy()) { self.policy = policy }

    enum Answer: Equatable { case waits(until: Instant), refused, rightButWait, signedIn }

    func attempt(_ typed: Typed, from origin: AttemptOrigin, at now: Instant) -> Answer {
        let throttle = SignInThrottle(policy, .appCode, from: origin)
        if case .wait(let until) = throttle.verdict(buckets, at: now) { return .waits(until: until) }
        write(throttle.takingEntry(buckets, at: now))
        switch typed {
        case .wrongPassword: return .refused
        case .wrongCode:
            write(throttle.takingCode(buckets, at: now))
            return .refused
        case .right:
            let isFree = throttle.codeVerdict(buckets, at: now) == .free
            write(throttle.givingBack(buckets))
            guard isFree else { return .rightButWait }
            for key in throttle.emptiedBySuccess { buckets[key] = nil }
            return .signedIn
        }
    }

    private func write(_ changed: SignInThrottle.Buckets) {
        buckets.merge(changed) { _, new in new }
    }
}

@Suite("Throttling as a whole")
struct SignInThrottleTests {
    private let start = Instant(secondsSinceEpoch: 1_000_000)
    private let policy = ThrottlePolicy()
    private func account(_ name: UInt8) -> [UInt8] { [name] }

    private func origin(
        _ name: UInt8 = 1, browser: UInt8? = nil, network: [UInt8] = [10, 0, 0, 1], wide: [UInt8]? = nil
    ) -> AttemptOrigin {
        AttemptOrigin(account: account(name), knownBrowser: browser.map { [$0] }, network: network, wideNetwork: wide)
    }

    /// Strangers without the password, with it, from few networks and many, slow and fast, behind the very network of
    /// the person too: a browser in which she signed in before is never made to wait, and she signs in at every try.
    @Test("no stranger keeps a person out of a browser in which she signed in before", arguments: 0..<40)
    func knownBrowserStaysOpen(seed: UInt64) {
        var numbers = SeededRandom(seed: seed)
        let throttle = SimulatedThrottle()
        var now = start
        let home = origin(browser: 9)
        let knowsPassword = Bool.random(using: &numbers)
        let networks = [1, 3, 200, 20_000].randomElement(using: &numbers) ?? 1
        let pause = [0, 1, 30, 3600].randomElement(using: &numbers) ?? 0
        for step in 0..<4000 {
            now = now.adding(.seconds(Int64.random(in: 0...Int64(pause), using: &numbers)))
            let number = Int.random(in: 0..<networks, using: &numbers)
            let network = number == 0 ? home.network : [UInt8(number & 255), UInt8(number >> 8), 7]
            let typed: Typed = knowsPassword && Bool.random(using: &numbers) ? .wrongCode : .wrongPassword
            _ = throttle.attempt(typed, from: origin(network: network), at: now)
            if step % 50 == 0 {
                // She mistypes now and then, as people do.
                if Bool.random(using: &numbers) { _ = throttle.attempt(.wrongPassword, from: home, at: now) }
                #expect(throttle.attempt(.right, from: home, at: now) == .signedIn, "seed \(seed), step \(step)")
            }
        }
    }

    @Test("a stranger without the password keeps nobody out of a new browser behind another network")
    func otherNetwork() {
        let throttle = SimulatedThrottle()
        for number in 0..<5000 {
            let network: [UInt8] = [UInt8(number & 255), UInt8(number >> 8)]
            _ = throttle.attempt(.wrongPassword, from: origin(network: network), at: start)
        }
        #expect(throttle.attempt(.right, from: origin(network: [99]), at: start) == .signedIn)
    }

    @Test("behind the network that attacks a name a new browser waits, and reads exactly until when")
    func attackedNetwork() {
        let throttle = SimulatedThrottle()
        for _ in 0..<5 { #expect(throttle.attempt(.wrongPassword, from: origin(), at: start) == .refused) }
        let until = start.adding(.seconds(900))
        #expect(throttle.attempt(.right, from: origin(), at: start) == .waits(until: until))
        #expect(throttle.attempt(.right, from: origin(), at: until) == .signedIn)
    }

    @Test("a name that nobody has waits exactly as one that somebody has")
    func unknownNames() {
        let (known, unknown) = (SimulatedThrottle(), SimulatedThrottle())
        for number in 0..<30 {
            let now = start.adding(.seconds(Int64(number) * 61))
            let typed: Typed = number % 2 == 0 ? .wrongCode : .wrongPassword
            let one = known.attempt(typed, from: origin(), at: now)
            #expect(one == unknown.attempt(.wrongPassword, from: origin(), at: now))
        }
    }

    @Test("a wait does not tell that the password fitted, and the bucket of codes does not show itself")
    func codesDoNotShow() {
        let (withPassword, without) = (SimulatedThrottle(), SimulatedThrottle())
        var now = start
        for number in 0..<200 {
            let place = origin(network: [UInt8(number / 4)])
            #expect(
                withPassword.attempt(.wrongCode, from: place, at: now)
                    == without.attempt(.wrongPassword, from: place, at: now))
            now = now.adding(.seconds(1))
        }
        // Right now nothing that is right opens anything from a new place, and it is not called wrong.
        #expect(withPassword.attempt(.right, from: origin(network: [250]), at: now) == .rightButWait)
    }

    @Test("the owner's success gives a stranger who knows her password no new guesses at her code")
    func successKeepsCodes() {
        let throttle = SimulatedThrottle()
        for number in 0..<5 {
            _ = throttle.attempt(.wrongCode, from: origin(network: [UInt8(number)]), at: start)
        }
        #expect(throttle.attempt(.right, from: origin(browser: 9), at: start) == .signedIn)
        #expect(throttle.attempt(.right, from: origin(network: [77]), at: start) == .rightButWait)
    }

    @Test("colleagues behind one address do not pay for each other's mistakes")
    func hospital() {
        var numbers = SeededRandom(seed: 7)
        let throttle = SimulatedThrottle()
        var now = start
        // 200 sign-ins an hour, 6 in 100 mistyped, every browser a new one: a day of it.
        for number in 0..<4800 {
            now = now.adding(.seconds(18))
            let person = origin(UInt8(number % 250))
            if Int.random(in: 0..<100, using: &numbers) < 6 {
                _ = throttle.attempt(.wrongPassword, from: person, at: now)
            }
            #expect(throttle.attempt(.right, from: person, at: now) == .signedIn)
        }
    }

    @Test("one flood fills its own network, and the networks of one provider fill their provider's")
    func spraying() {
        let throttle = SimulatedThrottle()
        let four = (0..<1000).count { name in
            throttle.attempt(.wrongPassword, from: named(name, [1], wide: nil), at: start) == .refused
        }
        #expect(four == policy.source.capacity)
        let six = (0..<5000).count { name in
            let network = [2, UInt8(name & 255), UInt8(name >> 8)]
            return throttle.attempt(.wrongPassword, from: named(name, network, wide: [2]), at: start) == .refused
        }
        #expect(six == policy.source.capacity * policy.wideFactor)
        #expect(throttle.attempt(.right, from: named(1, [3], wide: [3]), at: start) == .signedIn)
    }

    private func named(_ name: Int, _ network: [UInt8], wide: [UInt8]?) -> AttemptOrigin {
        AttemptOrigin(
            account: [UInt8(name & 255), UInt8(name >> 8)], knownBrowser: nil, network: network, wideNetwork: wide)
    }
}
