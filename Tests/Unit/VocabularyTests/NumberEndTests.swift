import Testing
import Vocabulary

@Suite("No number from outside can stop a process")
struct NumberEndTests {
    /// The ends of the range, what lies beside them, and where a factor of a million passes them.
    private let numbers: [Int64] = [
        .min, .min + 1, .min / 1_000_000 - 1, .min / 1_000_000, -1, 0, 1, .max / 1_000_000, .max / 1_000_000 + 1,
        .max - 1, .max,
    ]

    @Test("instants keep to their range: made, moved, subtracted, written, read as a date")
    func instants() {
        for number in numbers {
            for instant in [Instant(microseconds: number), Instant(secondsSinceEpoch: number)] {
                #expect(Instant(instant.description) != nil || !(0...9999).contains(instant.utcDate.year))
                #expect((0...9999).contains(instant.utcDate.year))
                for other in numbers {
                    let moved = instant.adding(.seconds(other))
                    #expect(other < 0 ? moved <= instant : moved >= instant)
                    _ = instant.adding(.microseconds(other))
                    let difference = instant - Instant(microseconds: other)
                    #expect((difference < .zero) == (instant < Instant(microseconds: other)))
                }
            }
        }
        #expect(Instant(secondsSinceEpoch: .max) == Instant(microseconds: .max))
        #expect(Instant(secondsSinceEpoch: .min) == Instant(microseconds: .min))
        #expect(Instant(secondsSinceEpoch: 9_223_372_036_854) == Instant(microseconds: 9_223_372_036_854_000_000))
    }

    @Test("dates keep to their range")
    func dates() {
        for number in numbers {
            let date = LocalDate(daysSinceEpoch: Int(number))
            #expect((0...9999).contains(date.year))
            #expect((0...9999).contains(date.adding(days: Int(number)).year))
        }
    }

    @Test("saturating arithmetic stops at the ends and is exact between them")
    func saturation() {
        for left in numbers {
            for right in numbers {
                let (sum, difference, product) = (
                    left.addingReportingOverflow(right), left.subtractingReportingOverflow(right),
                    left.multipliedReportingOverflow(by: right)
                )
                #expect(sum.overflow || left.saturatingAdding(right) == sum.partialValue)
                #expect(!sum.overflow || left.saturatingAdding(right) == (left < 0 ? .min : .max))
                #expect(difference.overflow || left.saturatingSubtracting(right) == difference.partialValue)
                #expect(!difference.overflow || left.saturatingSubtracting(right) == (left < 0 ? .min : .max))
                #expect(product.overflow || left.saturatingMultiplied(by: right) == product.partialValue)
                #expect(
                    !product.overflow
                        || left.saturatingMultiplied(by: right) == ((left < 0) == (right < 0) ? .max : .min))
            }
        }
    }
}
