/// Who wants a password hash computed.
package enum HashGuest: Hashable, Sendable {
    /// Somebody at work on the service itself, such as an import.
    case operation
    /// A browser in which the account has signed in before.
    case knownBrowser
    /// Any other browser, by the network it comes from.
    case unknownBrowser(network: [UInt8])
}

/// The places at the threads that compute password hashes, running and waiting ones alike.
///
/// Unknown browsers get half of them, and one network a quarter: a flood keeps neither the people out whose browsers
/// are known, nor those who come from elsewhere.
package struct HashQueue: Sendable {
    private let places: Int
    private var taken = 0
    private var unknown = 0
    private var byNetwork: [[UInt8]: Int] = [:]

    /// A queue with so many places, at least 4.
    package init(places: Int) {
        self.places = max(4, places)
    }

    /// Takes a place; false when there is none for this guest.
    package mutating func enter(_ guest: HashGuest) -> Bool {
        guard taken < places else { return false }
        if case .unknownBrowser(let network) = guest {
            guard unknown < places / 2, byNetwork[network, default: 0] < places / 4 else { return false }
            unknown += 1
            byNetwork[network, default: 0] += 1
        }
        taken += 1
        return true
    }

    /// Gives back a place that was taken.
    package mutating func leave(_ guest: HashGuest) {
        taken -= 1
        guard case .unknownBrowser(let network) = guest else { return }
        unknown -= 1
        let left = byNetwork[network, default: 1] - 1
        byNetwork[network] = left > 0 ? left : nil
    }
}
