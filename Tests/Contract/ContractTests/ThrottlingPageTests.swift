import AuthenticationDomain
import Testing
import Vocabulary

@Suite("The page on throttling")
struct ThrottlingPageTests {
    private let policy = ThrottlePolicy()
    private let day = Duration.seconds(86_400)

    private func seconds(_ duration: Duration) -> String {
        let value = duration / .seconds(1)
        return value == value.rounded() ? String(Int(value)) : String(value)
    }

    private func daily(_ bucket: BucketPolicy) -> Int { bucket.failures(within: day) - bucket.capacity }

    private var computed: String {
        let kinds: [(String, BucketKey.Kind)] = [
            ("code", .code), ("known browser", .knownBrowser), ("unknown browser", .unknownBrowser),
            ("source", .source), ("wide source", .wideSource),
        ]
        let rows = kinds.map { name, kind in
            let bucket = policy.policy(of: kind)
            return "| \(name) | \(bucket.capacity) | \(seconds(bucket.leak)) s | \(bucket.failures(within: day)) "
                + "| \(daily(bucket)) |"
        }
        let accepted = 2 * AppCodeRule().tolerance + 1
        let hundredths = Int((Double(daily(policy.code)) * Double(accepted) * 365 / 10_000 * 100).rounded())
        let unknown = policy.unknownBrowser
        return
            ([
                "| bucket | holds | one leaks out in | at most in a day | then a day |",
                "| --- | --- | --- | --- | --- |",
            ] + rows + [
                "",
                "- Who knows a password and not the telephone has \(daily(policy.code)) guesses a day at codes of which "
                    + "\(accepted) in 1000000 are accepted at a time: \(hundredths / 100).\(hundredths % 100) % a year.",
                "- 10000 networks together have \(10_000 * daily(unknown)) guesses a day at the password of one name, "
                    + "and are never told that one fits: password and code are judged together.",
                "- A hospital behind one address with 200 sign-ins an hour, 6 in 100 of them mistyped, has "
                    + "\(200 * 6 / 100) failures an hour; \(daily(policy.source) / 24) leak out.",
                "- Who forgot and tries \(unknown.capacity) times from a new browser waits \(seconds(unknown.leak)) s for "
                    + "the sixth; in a known browser the eleventh waits \(seconds(policy.knownBrowser.leak)) s.",
            ]).joined(separator: "\n")
    }

    @Test("its arithmetic is that of the defaults")
    func arithmetic() throws {
        let page = try SourceTree.text("Shared/Docs/throttling.md")
        let start = try #require(page.firstRange(of: "<!-- computed -->\n"))
        let end = try #require(page.firstRange(of: "\n<!-- end -->"))
        #expect(page[start.upperBound..<end.lowerBound] == computed)
    }
}
