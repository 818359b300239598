import FoundationEssentials
import Logging
import Telemetry
import TestBasics
import Testing
import Vocabulary

@Suite("Each log event is one line of JSON")
struct JSONLogHandlerTests {
    private let lines = Lines()

    private func logger(level: Logger.Level = .info, label: String = "mandate-registry") -> Logger {
        Logger(label: label) { label in
            JSONLogHandler(
                service: "mandate-registry", label: label, level: level,
                now: { Instant(microseconds: 1_769_860_800_000_000) }, write: lines.add)
        }
    }

    private func decoded() throws -> [[String: String]] {
        try lines.all.map { try JSONDecoder().decode([String: String].self, from: Data($0.utf8)) }
    }

    @Test("it has time, level, service, message and the metadata")
    func shape() throws {
        var logger = logger()
        logger[metadataKey: "requestId"] = "r-12345678"
        logger.info("Mandate stopped", metadata: ["mandate": "m1"])
        #expect(
            lines.all == [
                #"{"time":"2026-01-31T12:00:00.000000Z","level":"info","service":"mandate-registry","#
                    + #""message":"Mandate stopped","mandate":"m1","requestId":"r-12345678"}"#
            ])
    }

    @Test("whatever is logged stays well-formed JSON")
    func escaping() throws {
        logger().info("quote \" backslash \\ break \n tab \t bell \u{7} delete \u{7f} é 🗝", metadata: ["a\"b": "c\\d"])
        let event = try #require(try decoded().first)
        #expect(event["message"] == "quote \" backslash \\ break \n tab \t bell \u{7} delete \u{7f} é 🗝")
        #expect(event["a\"b"] == "c\\d")
        #expect(lines.all.count == 1 && !lines.all[0].contains("\n"))
    }

    @Test("no secret comes through in a message, in metadata or nested in it")
    func redaction() throws {
        logger().warning(
            "Person 85.07.30-990.91 refused",
            metadata: [
                "password": "hunter2", "nested": ["nationalNumber": "85073099091", "list": ["85073099091"]],
                "error": "token dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            ])
        let line = lines.all[0]
        for secret in ["hunter2", "990", "dBjft"] { #expect(!line.contains(secret)) }
    }

    @Test("a metadata key that is one of the fixed keys does not hide it")
    func fixedKeys() throws {
        logger().info("Listening", metadata: ["level": "9", "message": "other"])
        let event = try #require(try decoded().first)
        #expect(event["level"] == "info" && event["message"] == "Listening")
        #expect(event["metadata.level"] == "9" && event["metadata.message"] == "other")
    }

    @Test("events below the level are not written")
    func level() {
        logger(level: .warning).info("quiet")
        #expect(lines.all.isEmpty)
    }

    @Test("another part of the process is named by its label")
    func label() throws {
        logger(label: "postgres").info("Connected")
        #expect(try decoded().first?["logger"] == "postgres")
    }

    @Test("a very long value is cut")
    func longValue() throws {
        logger().error("Unexpected", metadata: ["error": "\(String(repeating: "long ", count: 10_000))"])
        #expect(lines.all[0].utf8.count < 10_000)
        #expect(try decoded().count == 1)
    }
}
