import Testing
import Vocabulary

@Suite("Network addresses")
struct NetworkAddressTests {
    @Test(
        "addresses of both versions are read",
        arguments: [
            ("192.0.2.1", [192, 0, 2, 1]), ("::ffff:192.0.2.1", [192, 0, 2, 1]),
            ("0:0:0:0:0:ffff:c000:201", [192, 0, 2, 1]),
            ("::1", [UInt8](repeating: 0, count: 15) + [1]), ("::", [UInt8](repeating: 0, count: 16)),
            ("fe80::1%eth0", [0xfe, 0x80] + [UInt8](repeating: 0, count: 13) + [1]),
            ("2001:DB8::", [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 12)),
            ("1:2:3:4:5:6:7:8", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]),
        ] as [(String, [UInt8])])
    func reads(_ text: String, _ bytes: [UInt8]) {
        #expect(NetworkAddress(text)?.bytes == bytes)
    }

    @Test(
        "what is no address is none",
        arguments: [
            "", "1", "192.0.2", "192.0.2.256", "192.0.2.01", "192.0.2.1.1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", ":::",
            "1::2::3", "::12345", "g::1", "192.0.2.1:80", "[::1]", "1.2.3.-4", " 192.0.2.1", "unknown", "::1.2.3",
            "1:2:3:4:5:6:7::8:9", String(repeating: "1:", count: 100),
        ])
    func refuses(_ text: String) {
        #expect(NetworkAddress(text) == nil)
    }

    @Test("a network keeps the first bits")
    func networks() throws {
        let six = try #require(NetworkAddress("2001:db8:1:2:3:4:5:6"))
        #expect(six.network(bits: 64) == NetworkAddress("2001:db8:1:2::"))
        #expect(six.network(bits: 48) == NetworkAddress("2001:db8:1::"))
        let four = try #require(NetworkAddress("10.20.255.7"))
        #expect(four.network(bits: 12) == NetworkAddress("10.16.0.0"))
        #expect(four.network(bits: 0) == NetworkAddress("0.0.0.0"))
        #expect(four.network(bits: 32) == four)
    }

    @Test("a range holds its addresses and no others")
    func ranges() throws {
        func holds(_ range: String, _ address: String) throws -> Bool {
            let range = try #require(NetworkRange(range))
            return range.contains(try #require(NetworkAddress(address)))
        }
        #expect(try holds("10.1.0.0/16", "10.1.255.255"))
        #expect(try holds("10.1.0.0/16", "::ffff:10.1.2.3"))
        #expect(try !holds("10.1.0.0/16", "10.2.0.0"))
        #expect(try !holds("10.1.0.0/16", "::1"))
        #expect(try holds("192.0.2.7", "192.0.2.7"))
        #expect(try holds("::/0", "2001:db8::1"))
        for text in ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "/8", "10.0.0/8", "::ffff:10.0.0.0/96", "x"] {
            #expect(NetworkRange(text) == nil, "\(text)")
        }
    }
}

@Suite("Texts in normalization form C")
struct NormalFormTests {
    @Test("letters and their marks become one scalar where there is one")
    func composes() {
        #expect("e\u{301}".precomposed.unicodeScalars.map(\.value) == [0xE9])
        #expect("A\u{30A}".precomposed.unicodeScalars.map(\.value) == [0xC5])
        #expect("\u{1112}\u{1161}\u{11AB}".precomposed.unicodeScalars.map(\.value) == [0xD55C])
        // Marks are put into their order, and what has no composed form stays.
        #expect("q\u{307}\u{323}".precomposed.unicodeScalars.map(\.value) == [0x71, 0x323, 0x307])
        #expect("\u{FB01}".precomposed.unicodeScalars.map(\.value) == [0xFB01])
    }

    @Test("the first full minute that is not before a moment")
    func clock() {
        let brussels = CivilTime { _ in 3600 }
        #expect(brussels.clock(notBefore: Instant(secondsSinceEpoch: 0)) == "01:00")
        #expect(brussels.clock(notBefore: Instant(microseconds: 1)) == "01:01")
        #expect(CivilTime.universal.clock(notBefore: Instant(secondsSinceEpoch: 86_399)) == "00:00")
        #expect(CivilTime.universal.clock(notBefore: Instant(secondsSinceEpoch: 14 * 3600 + 300)) == "14:05")
    }
}
