package import ContractCore
import FoundationEssentials

/// An event of ours as it lies in the broker's log: others know it.
package struct ToldEvent: Sendable {
    package let attributes: EventAttributes
    /// Where it lies.
    package let offset: Int64

    /// Reads a published event.
    ///
    /// - Throws: `DecodingError` if it is no event of ours.
    package init(value: [UInt8], offset: Int64) throws {
        attributes = try JSONDecoder().decode(EventAttributes.self, from: Data(value))
        self.offset = offset
    }
}
