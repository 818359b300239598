package import AuthenticationDomain
package import Crypto

/// A client with the keys by which it authenticates itself.
package struct RegisteredClient: Sendable {
    /// A public key, under the id that the client's own key set gives it.
    package struct Key: Sendable {
        package let id: String?
        package let key: P256.Signing.PublicKey

        package init(id: String?, key: P256.Signing.PublicKey) {
            self.id = id
            self.key = key
        }
    }
    package let client: Client
    package let keys: [Key]

    package init(client: Client, keys: [Key]) {
        self.client = client
        self.keys = keys
    }
}

/// The clients that the configuration names.
package struct ClientRegistry: Sendable {
    private let clients: [String: RegisteredClient]

    /// Clients by their ids; `nil` when two have the same one.
    package init?(_ clients: [RegisteredClient]) {
        var byID: [String: RegisteredClient] = [:]
        for client in clients where byID.updateValue(client, forKey: client.client.id) != nil { return nil }
        self.clients = byID
    }

    /// The client with an id, with its keys.
    package func registration(_ id: String) -> RegisteredClient? { clients[id] }

    /// The client with an id.
    package func client(_ id: String) -> Client? { clients[id]?.client }

    /// All clients, by id.
    package var all: [Client] { clients.values.map(\.client).sorted { $0.id < $1.id } }
}
