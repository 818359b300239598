import ContractCore
package import EventOutbox
import FoundationEssentials
import Keys
package import Web

extension ServiceBase {
    /// Where the events of a request come from: its time, trace and request id.
    package func eventContext(_ context: AppContext, causedBy causation: String? = nil) -> EventContext {
        EventContext(
            time: now(), trace: context.trace, correlationID: context.requestID, causationID: causation, newID: newID)
    }

    /// Where the events of work without a request come from, such as an import or a clock.
    package func eventContext(correlationID: String? = nil, causedBy causation: String? = nil) -> EventContext {
        let (high, low) = random.words()
        let trace = TraceContext(high: high, low: low, span: random.words().0, sampled: false)
        return EventContext(
            time: now(), trace: trace, correlationID: correlationID ?? newID().uuidString.lowercased(),
            causationID: causation, newID: newID)
    }
}
