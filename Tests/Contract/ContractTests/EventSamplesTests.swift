import AuthenticationContracts
import ContractCore
import FoundationEssentials
import MandateRegistryContracts
import OrganisationRightsContracts
import ProfileResolutionContracts
import Testing
import Vocabulary

/// Every version of every event that was ever published decodes and means what it meant.
///
/// A sample is never edited; a new form of an event gets a new sample beside the old one.
@Suite("Samples of events")
struct EventSamplesTests {
    /// How the samples of one event are read.
    struct Kind: Sendable, CustomTestStringConvertible {
        let type: String
        let source: EventSource
        /// Decodes a sample, and answers its attributes, the aggregate's version in its data, and its text written anew.
        let reread: @Sendable (Data) throws -> (attributes: EventAttributes, version: Int64, text: Data)
        var testDescription: String { type }

        init<State: Codable & Sendable>(
            _ type: String, _ source: EventSource, _ version: @escaping @Sendable (State) -> Int64
        ) {
            self.type = type
            self.source = source
            reread = { text in
                let event = try JSONDecoder().decode(EventEnvelope<State>.self, from: text)
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                return (event.attributes, version(event.data), try encoder.encode(event))
            }
        }
    }

    static let kinds: [Kind] = authentication + profiles + mandates + organisationRights + voided

    private static let authentication: [Kind] =
        [SessionState.started, SessionState.ended, SessionState.restated].map {
            Kind($0, .authentication) { (state: SessionState) in state.version }
        }
        + [PersonNotice.changed, PersonNotice.erased, PersonNotice.restated].map {
            Kind($0, .authentication) { (notice: PersonNotice) in notice.version }
        }
        + [Kind(AccessEnded.ended, .access) { (_: AccessEnded) in Int64(1) }]

    private static let profiles: [Kind] =
        [
            CareProviderDossierState.registered, CareProviderDossierState.changed,
            CareProviderDossierState.contactChanged, CareProviderDossierState.restated,
        ].map { Kind($0, .profileResolution) { (state: CareProviderDossierState) in state.version } }
        + [
            FunctionHolderDossierState.registered, FunctionHolderDossierState.changed,
            FunctionHolderDossierState.contactChanged, FunctionHolderDossierState.restated,
        ].map { Kind($0, .profileResolution) { (state: FunctionHolderDossierState) in state.version } }

    private static let mandates: [Kind] = [
        MandateState.offered, MandateState.activated, MandateState.refused, MandateState.stopped,
        MandateState.renounced, MandateState.expired, MandateState.restated,
    ].map { Kind($0, .mandateRegistry) { (state: MandateState) in state.version } }

    private static let organisationRights: [Kind] =
        [
            OrganisationState.registered, OrganisationState.changed, OrganisationState.stopped,
            OrganisationState.restated,
        ].map { Kind($0, .organisationRights) { (state: OrganisationState) in state.version } }
        + [RightState.given, RightState.ended, RightState.restated].map {
            Kind($0, .organisationRights) { (state: RightState) in state.version }
        }
        + [AccessManagerState.appointed, AccessManagerState.ended, AccessManagerState.restated].map {
            Kind($0, .organisationRights) { (state: AccessManagerState) in state.version }
        }

    private static let voided: [Kind] = [
        (SessionState.voided, EventSource.authentication), (PersonNotice.voided, .authentication),
        (CareProviderDossierState.voided, .profileResolution),
        (FunctionHolderDossierState.voided, .profileResolution), (MandateState.voided, .mandateRegistry),
        (OrganisationState.voided, .organisationRights), (RightState.voided, .organisationRights),
        (AccessManagerState.voided, .organisationRights),
    ].map { type, source in Kind(type, source) { (state: VoidedState) in state.version } }

    private static func file(_ path: String) throws -> Data {
        let here = #filePath
        let lane = try #require(here.firstRange(of: "/ContractTests/"))
        return try Data(contentsOf: URL(filePath: String(here[..<lane.lowerBound]) + "/Fixtures/events/" + path))
    }

    @Test("each event has a sample, which reads back to the same text", arguments: kinds)
    func sample(_ kind: Kind) throws {
        let text = try Self.file("\(kind.type)/1.json")
        let read = try kind.reread(text)
        #expect(read.attributes.type == kind.type)
        #expect(read.attributes.source == kind.source)
        #expect(read.attributes.environment.description == "production")
        #expect(read.attributes.dataschema == "https://toegang.be/schemas/events/\(kind.type)/1")
        #expect(String(decoding: text, as: UTF8.self).contains("\"type\": \"be.toegang.\(kind.type)\""))
        #expect(read.attributes.aggregateversion == read.version)
        #expect(read.attributes.subject.hasSuffix("/" + read.attributes.partitionkey))
        #expect(read.attributes.sequence == 1 || read.attributes.previous != nil)
        #expect(try Self.canonical(read.text) == Self.canonical(text))
    }

    @Test("each aggregate can be restated and voided, so that a source can correct what it told before a restore")
    func corrections() {
        let types = Set(Self.kinds.map(\.type))
        for aggregate in Set(types.compactMap { $0.split(separator: ".").first.map(String.init) })
        where aggregate != "access" {
            #expect(types.isSuperset(of: ["\(aggregate).restated", "\(aggregate).voided"]), "\(aggregate)")
        }
    }

    @Test("words of a newer producer are no errors: a foreign type keeps its name, an unknown kind of end is unknown")
    func unknownWords() throws {
        let text = String(decoding: try Self.file("access.ended/1.json"), as: UTF8.self)
        let foreign = text.replacing("be.toegang.access.ended", with: "org.example.access.ended")
        let attributes = try JSONDecoder().decode(EventAttributes.self, from: Data(foreign.utf8))
        #expect(attributes.type == "org.example.access.ended")
        let newer = text.replacing("\"kind\": \"sid\"", with: "\"kind\": \"device\"")
        let event = try JSONDecoder().decode(EventEnvelope<AccessEnded>.self, from: Data(newer.utf8))
        #expect(event.data.kind == .unknown("device"))
        #expect(EventSource.access.owner == EventSource.authentication.rawValue)
    }

    @Test(
        "an event of nobody we know is none",
        arguments: [
            "mandate-registry", "urn:toegang:production", "urn:toegang::access", "urn:toegang:A:access", "urn:x:y:z",
        ])
    func foreignSource(_ source: String) throws {
        let text = String(decoding: try Self.file("access.ended/1.json"), as: UTF8.self)
            .replacing("urn:toegang:production:access", with: source)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(EventAttributes.self, from: Data(text.utf8))
        }
    }

    @Test("no sample is left over from an event that is no longer described")
    func complete() throws {
        let here = #filePath
        let lane = try #require(here.firstRange(of: "/ContractTests/"))
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: String(here[..<lane.lowerBound]) + "/Fixtures/events")
        #expect(folders.sorted() == Self.kinds.map(\.type).sorted())
    }

    @Test("the AsyncAPI document names each event")
    func documented() throws {
        let here = #filePath
        let tests = try #require(here.firstRange(of: "/Tests/Contract/"))
        let text = String(
            decoding: try Data(
                contentsOf: URL(filePath: String(here[..<tests.lowerBound]) + "/Shared/Contracts/AsyncAPI/events.yaml")),
            as: UTF8.self)
        for kind in Self.kinds { #expect(text.contains("      \(kind.type): ")) }
    }

    /// The text without the spaces between its parts.
    private static func canonical(_ text: Data) throws -> String {
        let decoded = try JSONDecoder().decode(JSONValue.self, from: text)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(decoded), as: UTF8.self)
    }

    private enum JSONValue: Codable {
        case object([String: JSONValue]), string(String), number(Int64)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .string(text)
            } else if let number = try? container.decode(Int64.self) {
                self = .number(number)
            } else {
                self = .object(try container.decode([String: JSONValue].self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .object(let members): try container.encode(members)
            case .string(let text): try container.encode(text)
            case .number(let number): try container.encode(number)
            }
        }
    }
}

@Suite("Partitions of events")
struct EventPartitionTests {
    /// Worked out beside the code, from the published description of FNV-1a with 64 bits; other readers rely on them.
    @Test(
        "an aggregate's partition never changes",
        arguments: [
            ("00000000-0000-0000-0000-000000000000", 5),
            ("ffffffff-ffff-ffff-ffff-ffffffffffff", 21),
            ("0198f0a0-0000-7000-8000-000000000001", 15),
            ("0198f0a0-0000-7000-8000-000000000002", 2),
            ("0198f0a0-0000-7000-8000-000000000003", 21),
            ("0198f0a0-0000-7000-8000-0000000000ff", 17),
            ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", 28),
        ])
    func golden(_ id: String, _ partition: Int32) throws {
        #expect(EventPartition.of(try #require(UUID(uuidString: id))) == partition)
    }
}
