import Logging
import Metrics
import NIOCore
import Synchronization

/// Whose connections are open, and which of them gives way when there is no room for another.
///
/// A server that stops accepting when it is full can be stopped by one client that opens connections and says nothing.
/// Here the newest connection is served, and the one that has waited longest without a whole request gives way: of the
/// peer itself when it has its share, of the peer with the most connections when the server is full. Connections whose
/// request is being answered never give way; when there are no others, the new one is closed.
///
/// Behind a load balancer all connections are of one peer, and giving way takes nothing but idle ones from it.
final class ConnectionBook: Sendable {
    /// A connection's place in the book.
    struct Place: Hashable, Sendable {
        fileprivate let peer: String
        fileprivate let number: UInt64
    }

    private struct Entry {
        let channel: any Channel
        /// Since which number it waits for a whole request; nil while one is being answered.
        var waitsSince: UInt64?
    }

    private struct State {
        var peers: [String: [UInt64: Entry]] = [:]
        var count = 0
        /// Counts what happens, as a clock that orders it.
        var number: UInt64 = 0

        mutating func next() -> UInt64 {
            number += 1
            return number
        }
    }

    private let maximum: Int
    private let perPeer: Int
    private let state = Mutex(State())
    private let open = Gauge(label: "toegang_http_connections")
    private let gaveWay = Counter(label: "toegang_http_connections_closed_for_others_total")

    /// A book for so many connections in all and of one peer.
    init(maximum: Int, perPeer: Int) {
        self.maximum = maximum
        self.perPeer = min(perPeer, maximum)
    }

    /// Takes note of a new connection and makes room for it.
    ///
    /// - Returns: nil when there is none: the connection is to be closed.
    func enter(_ channel: any Channel) -> Place? {
        // A peer without an address (a socket of a test) is one like others.
        let peer = channel.remoteAddress?.ipAddress ?? ""
        let (place, victim) = state.withLock { state -> (Place?, (any Channel)?) in
            let number = state.next()
            var victim: (any Channel)?
            if state.peers[peer]?.count ?? 0 >= perPeer {
                victim = Self.remove(from: peer, &state)
                if victim == nil { return (nil, nil) }
            } else if state.count >= maximum {
                let largest = state.peers.max { $0.value.count < $1.value.count }?.key
                victim = largest.flatMap { Self.remove(from: $0, &state) } ?? Self.removeAny(&state)
                if victim == nil { return (nil, nil) }
            }
            state.peers[peer, default: [:]][number] = Entry(channel: channel, waitsSince: number)
            state.count += 1
            open.record(state.count)
            return (Place(peer: peer, number: number), victim)
        }
        if victim != nil || place == nil { gaveWay.increment() }
        victim?.close(promise: nil)
        return place
    }

    /// A whole request has come and is being answered.
    func begin(_ place: Place) {
        state.withLock { $0.peers[place.peer]?[place.number]?.waitsSince = nil }
    }

    /// The answer is written; the connection waits for another request.
    func end(_ place: Place) {
        state.withLock { state in
            let number = state.next()
            state.peers[place.peer]?[place.number]?.waitsSince = number
        }
    }

    /// The connection is closed.
    func leave(_ place: Place) {
        state.withLock { state in
            guard state.peers[place.peer]?.removeValue(forKey: place.number) != nil else { return }
            if state.peers[place.peer]?.isEmpty == true { state.peers[place.peer] = nil }
            state.count -= 1
            open.record(state.count)
        }
    }

    private static func remove(from peer: String, _ state: inout State) -> (any Channel)? {
        let waiting = state.peers[peer]?.filter { $0.value.waitsSince != nil }
        guard let longest = waiting?.min(by: { ($0.value.waitsSince ?? 0) < ($1.value.waitsSince ?? 0) }) else {
            return nil
        }
        state.peers[peer]?[longest.key] = nil
        if state.peers[peer]?.isEmpty == true { state.peers[peer] = nil }
        state.count -= 1
        return longest.value.channel
    }

    private static func removeAny(_ state: inout State) -> (any Channel)? {
        for peer in state.peers.keys {
            if let channel = remove(from: peer, &state) { return channel }
        }
        return nil
    }
}
