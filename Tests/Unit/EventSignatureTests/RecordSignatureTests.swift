import Crypto
import EventSignatures
import FoundationEssentials
import TestBasics
import Testing

@Suite("Signatures of records")
struct RecordSignatureTests {
    @Test(
        "each record of a run proves itself, alone and in any order",
        arguments: [1, 2, 3, 7, 64, 100, 127, 128, 129, 300])
    func runs(_ count: Int) throws {
        let key = newKey()
        let values = records(count)
        let headers = try RecordSigner(key).sign(values, at: place()).map(\.bytes)
        #expect(headers.count == count)
        var random = SeededRandom(seed: UInt64(count))
        for index in (0..<count).shuffled(using: &random) {
            var fresh = verifier(key)
            #expect(verdict(&fresh, values[index], place(), headers[index]) == .success("mandate-registry"))
        }
    }

    @Test("of a run one signature is checked, and the roots that are remembered are bounded")
    func remembered() throws {
        let key = newKey()
        var reader = verifier(key, capacity: 3)
        for run in 0..<10 {
            let values = records(50).map { $0 + [UInt8(run)] }
            let headers = try RecordSigner(key).sign(values, at: place()).map(\.bytes)
            for (value, header) in zip(values, headers) {
                #expect(verdict(&reader, value, place(), header) == .success("mandate-registry"))
            }
            #expect(reader.remembered == min(run + 1, 3))
        }
    }

    @Test("a record proves nothing in another environment, topic or partition")
    func elsewhere() throws {
        let key = newKey()
        var reader = verifier(key)
        let value = records(1)[0]
        let header = try RecordSigner(key).sign([value], at: place()).map(\.bytes)[0]
        #expect(verdict(&reader, value, place(), header) == .success("mandate-registry"))
        for other in [
            place(environment: "acceptance"), place("toegang.profiles.v1"), place("toegang.mandates.v1", 8),
            // The same bytes, divided between environment and topic in another way.
            RecordPlace(environment: "testt", topic: "oegang.mandates.v1", partition: 7),
        ] {
            #expect(verdict(&reader, value, other, header) == .failure(.wrong))
        }
    }

    @Test("a bit that is changed anywhere in a record or its header, and the record is not believed")
    func everyBit() throws {
        let key = newKey()
        let values = records(20, bytes: 12)
        let headers = try RecordSigner(key).sign(values, at: place()).map(\.bytes)
        var reader = verifier(key)
        for index in [0, 7, 19] {
            // The root is known: remembering must not make the reader less strict.
            #expect(verdict(&reader, values[index], place(), headers[index]) == .success("mandate-registry"))
            for bit in 0..<values[index].count * 8 {
                #expect(
                    verdict(&reader, flipped(values[index], bit), place(), headers[index]) == .failure(.wrong),
                    "bit \(bit) of record \(index)")
            }
            for bit in 0..<headers[index].count * 8 {
                #expect(
                    isFailure(verdict(&reader, values[index], place(), flipped(headers[index], bit))),
                    "bit \(bit) of the header of record \(index)")
            }
        }
        #expect(reader.remembered == 1)
    }

    @Test("random runs, places and changes: what was signed is believed, and nothing else", arguments: 0..<40)
    func random(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let key = newKey()
        let count = Int.random(in: 1...140, using: &random)
        let values = (0..<count).map { number in
            withUnsafeBytes(of: number) { Array($0) }
                + (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        let here = place("topic", Int32.random(in: 0...31, using: &random))
        let headers = try RecordSigner(key).sign(values, at: here).map(\.bytes)
        var reader = verifier(key)
        for _ in 0..<30 {
            let index = Int.random(in: 0..<count, using: &random)
            #expect(verdict(&reader, values[index], here, headers[index]) == .success("mandate-registry"))
            let bit = Int.random(in: 0..<values[index].count * 8, using: &random)
            #expect(isFailure(verdict(&reader, flipped(values[index], bit), here, headers[index])))
            let headerBit = Int.random(in: 0..<headers[index].count * 8, using: &random)
            #expect(isFailure(verdict(&reader, values[index], here, flipped(headers[index], headerBit))))
            let cut = Array(headers[index].prefix(Int.random(in: 0..<headers[index].count, using: &random)))
            #expect(verdict(&reader, values[index], here, cut) == .failure(.unsigned))
            let other = Int.random(in: 0..<count, using: &random)
            if other != index { #expect(isFailure(verdict(&reader, values[index], here, headers[other]))) }
        }
    }

    @Test("without a header, with an unknown key, or with one that is withdrawn, nobody is believed")
    func keys() throws {
        let (key, other) = (newKey(), newKey())
        let value = records(1)[0]
        let header = try RecordSigner(key).sign([value], at: place()).map(\.bytes)[0]
        var reader = verifier(key)
        #expect(verdict(&reader, value, place(), nil) == .failure(.unsigned))
        #expect(verdict(&reader, value, place(), []) == .failure(.unsigned))
        #expect(verdict(&reader, value, place(), header + [0]) == .failure(.unsigned))
        var stranger = verifier(other)
        #expect(verdict(&stranger, value, place(), header) == .failure(.unknownKey))
        var late = verifier(key, state: .withdrawn)
        #expect(verdict(&late, value, place(), header) == .failure(.withdrawnKey))
        var early = verifier(key, state: .accepted)
        #expect(verdict(&early, value, place(), header) == .success("mandate-registry"))
    }

    private func flipped(_ bytes: [UInt8], _ bit: Int) -> [UInt8] {
        var bytes = bytes
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        return bytes
    }

    private func isFailure(_ result: Result<String, SignatureFault>) -> Bool {
        if case .failure = result { true } else { false }
    }
}
