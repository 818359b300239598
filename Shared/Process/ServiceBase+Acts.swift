package import AuditTrail
import ContractCore
import Keys
package import Web

extension ServiceBase {
    /// What makes the acts of the service.
    package var acts: Acts {
        Acts(service: name, now: now, civil: civil, newID: newID) { [random] in
            let (high, low) = random.words()
            return TraceContext(high: high, low: low, span: random.words().0, sampled: false)
        }
    }
}

extension Acts {
    /// A request that comes in now.
    ///
    /// - Parameter source: A keyed hash of the network that it comes from, where that says something.
    package func request(_ context: AppContext, source: [UInt8]? = nil) -> Occasion {
        request(context.requestID, trace: context.trace, source: source)
    }

    /// What a person does by a request with her access token.
    package func of(_ caller: PersonCaller, _ context: AppContext) -> PersonAct {
        Act(
            by: ProfileBearer(caller.personID, caller.profile, through: caller.clientID, acr: caller.acr),
            on: request(context))
    }
}
