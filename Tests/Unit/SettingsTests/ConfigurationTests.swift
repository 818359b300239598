import Configuration
import ContractCore
import Crypto
import EventSignatures
import FoundationEssentials
import Kafka
import Keys
import Logging
import Postgres
import Process
import Settings
import Testing
import Vocabulary

/// A service with one key of its own, for what all services share.
private enum SampleService: ToegangService {
    struct Config: Sendable {
        let pageSize: Int
        let clients: [String]
    }
    struct Client: Decodable {
        let id: String
    }
    static let name = "sample"
    static let schema = "sample"
    static let migrations: [Migration] = []

    static func readConfig(_ reader: ConfigReader) throws -> Config {
        Config(
            pageSize: try reader.integer("pageSize", default: 25, in: 1...100),
            clients: (try reader.document("clients", as: [Client].self) ?? []).map(\.id))
    }

    static func make(_ config: Config, _ base: ServiceBase) async throws -> ServiceAssembly {
        throw ConfigurationProblem("sample", "is never run")
    }
}

/// A service that people reach, perhaps through a proxy.
private enum FrontService: ToegangService {
    static let name = "sample"
    static let schema = "sample"
    static let migrations: [Migration] = []

    static func readConfig(_ reader: ConfigReader) throws -> [NetworkRange] {
        _ = (reader.optionalText("pageSize"), try reader.document("clients", as: [SampleService.Client].self))
        return try reader.trustedProxies()
    }

    static func warnings(_ config: [NetworkRange], _ common: CommonConfiguration) -> [ConfigurationProblem] {
        common.warning(of: config)
    }

    static func make(_ config: [NetworkRange], _ base: ServiceBase) async throws -> ServiceAssembly {
        throw ConfigurationProblem("sample", "is never run")
    }
}

@Suite("Configuration is read whole, and what is wrong is said to whoever wrote it")
struct ConfigurationTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/toegang-config-\(UUID().uuidString)"

    /// Files with the secrets of a service that works.
    private func secrets() throws -> (password: String, key: String) {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let (password, key) = (folder + "/password", folder + "/client.pem")
        try Data("secret\n".utf8).write(to: URL(filePath: password))
        try Data(P256.Signing.PrivateKey().pemRepresentation.utf8).write(to: URL(filePath: key))
        return (password, key)
    }

    /// Writes the key by which the service signs its events, and a file that says whose it is.
    private func eventKeys(source: String = "sample", state: String = "current") throws -> String {
        let key = Curve25519.Signing.PrivateKey()
        let der: [UInt8] = [
            0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
        ]
        let pem = """
            -----BEGIN PRIVATE KEY-----
            \(Data(der + key.rawRepresentation).base64EncodedString())
            -----END PRIVATE KEY-----

            """
        let x = Base64URL.encode(Array(key.publicKey.rawRepresentation))
        let json = """
            {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "\(x)", "kid": "\(KeyID(of: key.publicKey))",
                       "source": "\(source)", "state": "\(state)"}]}
            """
        let (own, all) = (folder + "/events.pem", folder + "/event-keys.json")
        try Data(pem.utf8).write(to: URL(filePath: own))
        try Data(json.utf8).write(to: URL(filePath: all))
        return #""events": {"signingKeyFile": "\#(own)", "publicKeysFile": "\#(all)"},"#
    }

    private func source(_ json: String, environment: [String: String] = [:]) throws -> ConfigurationSource {
        ConfigurationSource(
            file: try ConfigurationFile(json: Array(json.utf8), path: "sample.json"), environment: environment)
    }

    private func usable() throws -> String {
        let (password, key) = try secrets()
        let events = try eventKeys()
        return """
            {"http": {"host": "0.0.0.0", "port": 8102}, "baseUrl": "https://sample.test:8443",
             "issuer": "http://localhost:8101", "environment": "acceptance-2", \(events)
             "database": {"port": "5433", "user": "sample_app", "passwordFile": "\(password)"},
             "kafka": {"bootstrap": "localhost:9092", "properties": {"security.protocol": "SSL"}},
             "clientKeyFile": "\(key)", "clients": [{"id": "portal", "extra": [1, {"a": null}]}, {"id": "other"}]}
            """
    }

    @Test("a usable configuration gives all values, with defaults for what it leaves out")
    func usableValues() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let source = try source(try usable())
        let settings = try ServiceSettings<SampleService>(source)
        #expect(settings.common.host == "0.0.0.0" && settings.common.port == 8102)
        #expect(settings.common.database.port == 5433 && settings.common.database.password == "secret")
        #expect(settings.common.database.schema == "sample" && settings.common.database.poolSize == 6)
        #expect(settings.common.environment.description == "acceptance-2")
        let kafka = try #require(settings.common.kafka)
        #expect(kafka.properties == ["security.protocol": "SSL"])
        #expect(kafka.topicPrefix == "" && !kafka.pacesFetches)
        #expect(settings.common.logLevel == .info && settings.common.shutdownDeadline == .seconds(25))
        #expect(settings.common.clientKey != nil)
        #expect(settings.own.pageSize == 25 && settings.own.clients == ["portal", "other"])
        #expect(source.unreadKeys == [])
        #expect(
            ConfigurationReport(checking: SampleService.self, source).text == "The configuration of sample can be used."
        )
    }

    @Test("the day is that of Brussels unless another zone is named, in summer and in winter")
    func calendar() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let usual = try ServiceSettings<SampleService>(try source(try usable())).common.civil
        let days = [
            ("2026-03-29T22:59:59Z", "2026-03-30"), ("2026-03-28T22:59:59Z", "2026-03-28"),
            ("2026-03-28T23:00:00Z", "2026-03-29"), ("2026-06-30T22:00:00Z", "2026-07-01"),
            ("2026-10-24T22:00:00Z", "2026-10-25"), ("2026-10-25T22:59:59Z", "2026-10-25"),
            ("2026-10-25T23:00:00Z", "2026-10-26"), ("2026-12-31T23:00:00Z", "2027-01-01"),
        ]
        for (instant, day) in days {
            #expect(usual.day(at: try #require(Instant(instant))).description == day, "\(instant)")
        }
        let zone = { (name: String) in
            try ServiceSettings<SampleService>(
                try source(try usable(), environment: ["TOEGANG_CALENDAR_TIME_ZONE": name])
            ).common.civil
        }
        let newYear = try #require(Instant("2026-12-31T23:30:00Z"))
        #expect(try zone("UTC").day(at: newYear).description == "2026-12-31")
        for wrong in ["Europe/Brusels", "CET", "+02:00"] {
            let problems = #expect(throws: ConfigurationProblems.self) { try zone(wrong) }
            #expect(problems?.description.contains("calendar.timeZone") == true)
        }
    }

    @Test("the environment goes before the file")
    func environment() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let source = try source(
            try usable(),
            environment: [
                "TOEGANG_DATABASE_HOST": "db.test", "TOEGANG_DATABASE_PASSWORD_FILE": folder + "/password",
                "TOEGANG_HTTP_PORT": "0", "TOEGANG_KAFKA_BOOTSTRAP": "kafka.test:9093", "TOEGANG_PAGE_SIZE": "50",
                "TOEGANG_KAFKA_TOPIC_PREFIX": "acc.",
                "DATABASE_USER": "not ours",
            ])
        let settings = try ServiceSettings<SampleService>(source)
        #expect(settings.common.database.host == "db.test" && settings.common.port == 0)
        #expect(settings.common.database.user == "sample_app")
        #expect(settings.common.kafka?.bootstrap == "kafka.test:9093" && settings.own.pageSize == 50)
        #expect(settings.common.kafka?.topicPrefix == "acc.")
    }

    @Test("a report names every problem at once, with the key and what would be right")
    func golden() throws {
        let source = try source(
            """
            {"http": {"port": "many"}, "baseUrl": "https://sample.test/", "database": {"port": 70000, "pasword": "x"},
             "environment": "The one", "kafka": {"properties": ["a"], "topicPrefix": "a b"}, "log": {"level": "loud"}, "pageSize": true,
             "clientKeyFile": "/nowhere/key.pem", "owner": {"user": "o"}, "colour": "blue"}
            """)
        #expect(
            ConfigurationReport(checking: SampleService.self, source).text == """
                The configuration of sample has 18 problems:
                  http.port: must be a whole number from 0 to 65535, and is "many"
                  baseUrl: must be an address such as "https://host:8443", without a slash at its end, and is "https://sample.test/"
                  issuer: is missing
                  environment: must be 1 to 63 lower-case letters, digits and hyphens, a letter first, and is "The one"
                  database.port: must be a whole number from 1 to 65535, and is "70000"
                  database.user: is missing
                  database.passwordFile: is missing
                  kafka.bootstrap: is missing
                  kafka.properties: "" has a value of the wrong type
                  kafka.topicPrefix: must be at most 100 letters, digits, dots, hyphens and underscores, and is "a b"
                  events.signingKeyFile: is missing
                  events.publicKeysFile: is missing
                  clientKeyFile: the file "/nowhere/key.pem" cannot be read
                  log.level: must be one of trace, debug, info, notice, warning, error, critical, and is "loud"
                  pageSize: must be a whole number from 1 to 100, and is "true"
                  owner.passwordFile: is missing
                  colour: is not a key of this service
                  database.pasword: is not a key of this service
                """)
    }

    @Test("the key of events has to be the service's own, known and not withdrawn; an import needs none")
    func eventKeyFiles() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let json = try usable()
        let keys = try #require(try ServiceSettings<SampleService>(try source(json)).common.eventKeys)
        #expect(keys.publicKeys.state(of: keys.signer.key.id)?.owner == "sample")
        func problem() -> String? {
            do {
                _ = try ServiceSettings<SampleService>(try source(json))
                return nil
            } catch {
                return "\(error)"
            }
        }
        _ = try eventKeys(source: "portal")
        #expect(problem()?.contains("says that the key of events.signingKeyFile is that of portal") == true)
        _ = try eventKeys(state: "withdrawn")
        #expect(problem()?.contains("is withdrawn in events.publicKeysFile") == true)
        let other = try Data(contentsOf: URL(filePath: folder + "/event-keys.json"))
        _ = try eventKeys()
        try other.write(to: URL(filePath: folder + "/event-keys.json"))
        #expect(problem()?.contains("events.publicKeysFile: lacks the key") == true)
        try Data("no key".utf8).write(to: URL(filePath: folder + "/events.pem"))
        #expect(problem()?.contains("does not hold an Ed25519 private key in PEM form") == true)
        let events = try eventKeys()
        let without = json.replacing(events, with: "")
        #expect(throws: ConfigurationProblems.self) { try ServiceSettings<SampleService>(try source(without)) }
        let settings = try ServiceSettings<SampleService>(try source(without), serving: false)
        #expect(settings.common.eventKeys == nil)
    }

    @Test(
        "whoever answers beyond this machine and believes no proxy is warned, and may start",
        arguments: [
            ("0.0.0.0", "http://localhost:8101", nil, true), ("127.0.0.1", "https://sign-in.example", nil, true),
            ("127.0.0.1", "http://localhost:8101", nil, false), ("::1", "http://[::1]:8101", nil, false),
            ("0.0.0.0", "https://sign-in.example", "10.0.0.0/8", false),
        ])
    func namelessProxies(host: String, address: String, proxies: String?, isWarned: Bool) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let environment = ["TOEGANG_HTTP_HOST": host, "TOEGANG_BASE_URL": address]
            .merging(proxies.map { ["TOEGANG_TRUSTED_PROXIES": $0] } ?? [:]) { first, _ in first }
        let report = ConfigurationReport(
            checking: FrontService.self, try source(try usable(), environment: environment))
        #expect(report.isUsable)
        let lines = report.text.split(separator: "\n").map(String.init)
        #expect(lines.first == "The configuration of sample can be used.")
        guard isWarned else {
            #expect(lines.count == 1)
            return
        }
        #expect(lines.count == 3 && lines[1] == "The configuration of sample has one warning:")
        #expect(lines[2].hasPrefix("  trustedProxies: is empty, and the service answers at \(address): if a proxy"))
    }

    @Test(
        "a broker beyond this machine without TLS and SASL is refused, unless that is asked for",
        arguments: [
            ("kafka.example:9092", nil), ("localhost:9092, 10.0.0.7", nil), ("[2001:db8::1]:9092", "plaintext"),
            ("127.evil.example:9092", nil),
        ])
    func plaintext(bootstrap: String, security: String?) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func problems(_ more: String) throws -> String? {
            let kafka = "{\"bootstrap\": \"\(bootstrap)\"\(more)}"
            let json = try usable().replacing(
                #"{"bootstrap": "localhost:9092", "properties": {"security.protocol": "SSL"}}"#, with: kafka)
            do {
                _ = try ServiceSettings<SampleService>(try source(json))
                return nil
            } catch let problems as ConfigurationProblems {
                return problems.description
            }
        }
        let properties = security.map { ", \"properties\": {\"security.protocol\": \"\($0)\"}" } ?? ""
        #expect(try problems(properties)?.contains("without TLS or SASL") == true)
        #expect(try problems(properties + ", \"allowPlaintext\": true") == nil)
        for secure in ["SSL", "SASL_SSL", "sasl_plaintext"] {
            #expect(try problems(", \"properties\": {\"security.protocol\": \"\(secure)\"}") == nil)
        }
        let onThisMachine = try usable().replacing(
            "\"properties\": {\"security.protocol\": \"SSL\"}", with: "\"paceFetches\": true")
        for host in ["localhost:9092", "127.0.0.1:9092,[::1]:9093", "LOCALHOST"] {
            let settings = try ServiceSettings<SampleService>(
                try source(onThisMachine.replacing("localhost:9092", with: host)))
            #expect(settings.common.kafka?.pacesFetches == true)
        }
    }

    @Test(
        "a file that is no JSON object is said so",
        arguments: [
            ("{", "is not well-formed JSON"), ("[1]", "must hold a JSON object"), ("", "is not well-formed JSON"),
        ])
    func badFile(json: String, message: String) {
        let problem = #expect(throws: ConfigurationProblem.self) { try source(json) }
        #expect(problem?.description == "--config: the file \"sample.json\" \(message)")
    }

    @Test("a file that is absent is said so")
    func absentFile() {
        let problem = #expect(throws: ConfigurationProblem.self) {
            try ConfigurationSource(path: "/nowhere/x.json", environment: [:])
        }
        #expect(problem?.description == "--config: the file \"/nowhere/x.json\" cannot be read")
    }

    @Test("a document says where it is wrong, and nothing of its values")
    func document() throws {
        let source = try source(#"{"clients": [{"id": "portal"}, {"name": "85073099091"}]}"#)
        let problem = #expect(throws: ConfigurationProblem.self) {
            _ = try source.reader.document("clients", as: [SampleService.Client].self)
        }
        #expect(problem?.description == "clients: lacks \"[1].id\"")
    }

    @Test("keys are read as base64 or hexadecimal, and nothing else passes")
    func hmacKey() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bytes = [UInt8](0..<32)
        let expected = try #require(HMACKey(bytes)).code(of: "a")
        for text in [
            Data(bytes).base64EncodedString() + "\n",
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(),
        ] {
            try Data(text.utf8).write(to: URL(filePath: folder + "/key"))
            #expect(try source("{\"keyFile\": \"\(folder)/key\"}").reader.hmacKey("keyFile").code(of: "a") == expected)
        }
        try Data("too short".utf8).write(to: URL(filePath: folder + "/key"))
        #expect(throws: ConfigurationProblem.self) {
            try source("{\"keyFile\": \"\(folder)/key\"}").reader.hmacKey("keyFile")
        }
    }

    @Test(
        "an address is a web address and nothing more",
        arguments: ["ftp://a", "localhost:8101", "http://a/", "http://a?b=c", "http://"])
    func webAddress(text: String) throws {
        let source = try source("{\"baseUrl\": \"\(text)\"}")
        #expect(throws: ConfigurationProblem.self) { try source.reader.webAddress("baseUrl") }
    }
}
