/// The names of the facts that reasons rest on, spelt the same in every service, in its API and in the texts.
package enum FactName: String, Sendable, Hashable, CaseIterable {
    /// The code of a profession.
    case profession
    /// The name of an organisation.
    case organisation
    case mandateType
    /// The code of a role in an organisation.
    case role
    /// The first day of a mandate or right.
    case startsOn
    /// The last day of a mandate or right.
    case endsOn
    /// The day on which somebody was given her licence to practise.
    case since
    /// The day on which something that takes a while is late.
    case expectedBy
    /// When a mandate or right was taken away, as an instant.
    case endedAt
    /// From when on something is possible again, as an instant.
    case until
    /// The day of the decision.
    case today
    /// The service whose facts are not certain.
    case source
    /// What a mandate is recognised by.
    case reference
    /// How a mandate ended.
    case manner
}
