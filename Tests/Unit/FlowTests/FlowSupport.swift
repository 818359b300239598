import ContractCore
import Flow
import FoundationEssentials
import Vocabulary

/// Short, round times, so that a test reads as a story in seconds.
var timing: FlowTiming {
    var timing = FlowTiming()
    timing.patience = .seconds(3)
    timing.resend = .seconds(2)
    timing.longestResend = .seconds(8)
    return timing
}

func at(_ seconds: Double) -> Moment { Moment(.seconds(seconds)) }

/// The id of the n-th event of a chain; other chains have other ids.
func id(_ number: Int64, chain: UInt8 = 0) -> EventID? {
    guard number > 0 else { return nil }
    var bytes: [UInt8] = [chain, 0, 0, 0, 0, 0, 0, 0]
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    return EventID(
        UUID(
            uuid: (
                bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7], bytes[8], bytes[9],
                bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
            )))
}

/// The n-th event of a chain, read at an offset; by default that of a log without repetitions.
func event(_ number: Int64, chain: UInt8 = 0, after previous: EventID?? = nil, offset: Int64? = nil) -> EventPlace {
    EventPlace(
        sequence: number, id: id(number, chain: chain) ?? EventID(UUID()),
        previous: previous ?? id(number - 1, chain: chain),
        offset: offset ?? number - 1)
}

let unit = ProjectionUnit(projection: "things", source: .mandateRegistry, partition: 3)

/// A partition that stands at the n-th event.
func progress(at number: Int64, halt: PartitionProgress.Halt? = nil) -> PartitionProgress {
    PartitionProgress(
        unit: unit, epoch: 1, sequence: number, lastID: id(number), offset: number - 1, halt: halt)
}

/// Whose heads the tests hear.
let origin: EventOrigin = {
    guard let environment = EnvironmentID("test") else { preconditionFailure("the id is well formed") }
    return EventOrigin(source: .mandateRegistry, environment: environment)
}()

func heads(
    _ list: [(partition: Int32, sequence: Int64)], uncertain: [Int32] = [], at time: Int64 = 0
) -> SourceHeads {
    SourceHeads(
        origin: origin, time: Instant(microseconds: time * 1_000_000),
        heads: list.map { SourceHeads.Head(partition: $0.partition, last: $0.sequence, eventId: id($0.sequence)) },
        uncertain: uncertain)
}
