import Crypto
import EventSignatures
import FoundationEssentials
import Kafka
import Logging

// Signs, verifies, sends and reads records, for programs that others wrote to be held against; one record a line, as
// hexadecimal digits: the value, a blank, and the header `toegang-signature`.
//
//     event-oracle sign PEM-FILE ENVIRONMENT TOPIC PARTITION       values in, records out
//     event-oracle verify KEYS-FILE ENVIRONMENT TOPIC PARTITION    records in; out the sender, or what is wrong
//     event-oracle send BOOTSTRAP TOPIC                            records in, sent to partition 0
//     event-oracle read BOOTSTRAP TOPIC COUNT                      records out, from partition 0
//     event-oracle measure SECONDS                                 how long verifying takes
@main
struct EventOracle {
    struct Usage: Error {}

    static func main() async throws {
        let words = Array(CommandLine.arguments.dropFirst())
        switch (words.first, words.count) {
        case ("sign", 5): try sign(pemFile: words[1], at: try place(words))
        case ("verify", 5): try verify(keysFile: words[1], at: try place(words))
        case ("send", 3): try await send(words[1], topic: words[2])
        case ("read", 4): try await read(words[1], topic: words[2], count: Int(words[3]) ?? 1)
        case ("measure", 2): try measure(seconds: Double(words[1]) ?? 1)
        default: throw Usage()
        }
    }

    private static func place(_ words: [String]) throws -> RecordPlace {
        guard let partition = Int32(words[4]) else { throw Usage() }
        return RecordPlace(environment: words[2], topic: words[3], partition: partition)
    }

    private static func sign(pemFile: String, at place: RecordPlace) throws {
        let pem = String(decoding: try Data(contentsOf: URL(filePath: pemFile)), as: UTF8.self)
        guard let key = EventSigningKey(pem: pem) else { throw Usage() }
        let values = lines().map { hex($0) }
        for (value, header) in zip(values, try RecordSigner(key).sign(values, at: place)) {
            print(text(value), text(header.bytes))
        }
    }

    private static func verify(keysFile: String, at place: RecordPlace) throws {
        let keys = try PublicKeys(json: Array(try Data(contentsOf: URL(filePath: keysFile))))
        var verifier = RecordVerifier(keys: keys)
        for (value, header) in records() {
            do throws(SignatureFault) {
                print(try verifier.sender(of: value, at: place, header: header))
            } catch {
                print(error.rawValue)
            }
        }
    }

    private static func send(_ bootstrap: String, topic: String) async throws {
        let producer = try KafkaProducer(configuration(bootstrap), logger: quiet)
        _ = try await producer.send(
            records().map { value, header in
                KafkaMessage(
                    topic: topic, partition: 0, key: [], value: value,
                    headers: [KafkaHeader(SignatureHeader.name, header)])
            })
        await producer.close(within: .seconds(5))
    }

    private static func read(_ bootstrap: String, topic: String, count: Int) async throws {
        let consumer = try KafkaConsumer(
            configuration(bootstrap), headers: [SignatureHeader.name], logger: quiet)
        try await consumer.assign([TopicPartitionOffset(TopicPartition(topic, 0), .beginning)])
        var left = count
        let deadline = ContinuousClock.now + .seconds(20)
        while left > 0, ContinuousClock.now < deadline {
            for record in try await consumer.next(max: left, within: .seconds(1)).records {
                print(text(record.value), text(record.headers[SignatureHeader.name] ?? []))
                left -= 1
            }
        }
        await consumer.close(within: .seconds(5))
    }

    /// Full runs of events of a usual size, each record once; then runs of one.
    private static func measure(seconds: Double) throws {
        let key = EventSigningKey(Curve25519.Signing.PrivateKey())
        let place = RecordPlace(environment: "test", topic: "toegang.mandates.v1", partition: 7)
        for length in [100, 1] {
            let runs = try (0..<max(1, 1000 / length)).map { run in
                let values = (0..<length).map { number in
                    Array("\(run)/\(number)/".utf8) + [UInt8](repeating: 120, count: 700)
                }
                return Array(zip(values, try RecordSigner(key).sign(values, at: place).map(\.bytes)))
            }
            let start = ContinuousClock.now
            var count = 0
            while ContinuousClock.now - start < .seconds(seconds) {
                var verifier = RecordVerifier(keys: PublicKeys([("mandate-registry", .current, key.publicKey)]))
                for run in runs {
                    for (value, header) in run { _ = try verifier.sender(of: value, at: place, header: header) }
                    count += run.count
                }
            }
            let each = (ContinuousClock.now - start) / count
            let nanoseconds = each.components.attoseconds / 1_000_000_000
            print("measured verification per event of 700 bytes, runs of \(length): \(nanoseconds) ns")
        }
    }

    private static let quiet = Logger(label: "oracle") { _ in SwiftLogNoOpLogHandler() }

    private static func configuration(_ bootstrap: String) -> KafkaConfiguration {
        KafkaConfiguration(bootstrap: bootstrap, clientID: "oracle")
    }

    private static func lines() -> [String] {
        var lines: [String] = []
        while let line = readLine() { lines.append(line) }
        return lines
    }

    private static func records() -> [([UInt8], [UInt8])] {
        lines().map { line in
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            return (hex(parts.first ?? ""), parts.count > 1 ? hex(parts[1]) : [])
        }
    }

    private static func hex(_ text: some StringProtocol) -> [UInt8] {
        let digits = text.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - digits.count % 2, by: 2).map {
            UInt8(digits[$0] * 16 + digits[$0 + 1])
        }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
