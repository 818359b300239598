import FoundationEssentials
import TestBasics
import Testing
import Vocabulary

@Suite("Profiles and decisions")
struct ProfileAndDecisionTests {
    private static let physician = Profession.catalogue[0]
    private static let organisation = OrganisationID("6a0b2f0e-58a1-4f55-9c3f-0d6f4f0a7c11")

    @Test("a profile's JSON is the contract's, both ways")
    func profileJSON() throws {
        let organisation = try #require(Self.organisation)
        let cases: [(ProfileChoice, String)] = [
            (.citizen, #"{"kind":"citizen"}"#),
            (.profession(Self.physician), #"{"kind":"profession","profession":"persphysician"}"#),
            (
                .organisation(organisation),
                #"{"kind":"organisation","organisationId":"6a0b2f0e-58a1-4f55-9c3f-0d6f4f0a7c11"}"#
            ),
        ]
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        for (profile, text) in cases {
            #expect(String(decoding: try encoder.encode(profile), as: UTF8.self) == text)
            #expect(try JSONDecoder().decode(ProfileChoice.self, from: Data(text.utf8)) == profile)
        }
    }

    @Test(
        "a profile without its part is no value",
        arguments: [
            #"{"kind":"profession"}"#, #"{"kind":"organisation"}"#, #"{"kind":"king"}"#, "{}",
            #"{"kind":"profession","profession":"persastronaut"}"#,
        ])
    func incompleteProfile(_ text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(ProfileChoice.self, from: Data(text.utf8)) }
    }

    @Test("each remedy survives JSON")
    func remedies() throws {
        let remedies: [Remedy] = [
            .wait("dossier-set-up"), .ask("access-managers"), .useStrongerKey(.level500), .chooseAnotherProfile,
            .signInAgain,
        ]
        let data = try JSONEncoder().encode(remedies)
        #expect(try JSONDecoder().decode([Remedy].self, from: data) == remedies)
    }

    @Test("a refusal has at least one reason, and a decision hands over either the grant or the refusal")
    func decisions() throws {
        #expect(Refusal([]) == nil)
        let refusal = Refusal(Reason(.mandateNone), Reason(.mandateDoesNotCover))
        #expect(refusal.codes == [.mandateNone, .mandateDoesNotCover])
        #expect(try Decision.allowed(3).map { $0 + 1 }.get() == 4)
        #expect(throws: refusal) { try Decision<Int>.refused(refusal).get() }
        #expect(Decision<Int>.refused(refusal).grant == nil)
        #expect(!Decision<Int>.refused(refusal).isAllowed)
    }
}

@Suite("Ids")
struct IdentifierTests {
    @Test("an id is written in lower case and read in either")
    func text() throws {
        let id = try #require(PersonID("6A0B2F0E-58A1-4F55-9C3F-0D6F4F0A7C11"))
        #expect(id.description == "6a0b2f0e-58a1-4f55-9c3f-0d6f4f0a7c11")
        #expect(String(decoding: try JSONEncoder().encode([id]), as: UTF8.self) == #"["\#(id)"]"#)
    }

    @Test(
        "other text is no id",
        arguments: ["", "6a0b2f0e58a14f559c3f0d6f4f0a7c11", "6a0b2f0e-58a1-4f55-9c3f-0d6f4f0a7c1"])
    func refused(_ text: String) { #expect(PersonID(text) == nil) }

    @Test("ids by time sort by their time, carry it, and are of version 7 and variant 2")
    func version7() throws {
        var random = SeededRandom(seed: 9562)
        var previous: UUID?
        for step in 0..<1000 {
            let time = Instant(microseconds: 1_769_860_800_000_000 + Int64(step) * 1000)
            let id = UUIDv7.make(at: time, random: (random.next(), random.next()))
            #expect(UUIDv7.instant(of: id) == time)
            #expect(id.uuidString.split(separator: "-")[2].first == "7")
            #expect("89AB".contains(id.uuidString.split(separator: "-")[3].first ?? "0"))
            if let previous { #expect(previous < id) }
            previous = id
        }
        #expect(UUIDv7.instant(of: UUID()) == nil)
    }
}
