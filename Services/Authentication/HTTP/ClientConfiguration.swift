import AuthenticationDomain
import Configuration
import ContractCore
import Crypto
import FoundationEssentials
import Keys
import Settings
import Vocabulary

/// One entry of the configuration's list `clients`.
struct ClientConfiguration: Decodable {
    /// A public key of the client (RFC 7517); only P-256 keys are taken.
    struct Key: Decodable {
        let kty: String
        let crv: String
        let x: String
        let y: String
        let kid: String?
    }
    struct KeySet: Decodable {
        let keys: [Key]
    }
    let id: String
    let name: String
    let kind: Client.Kind
    /// The keys by which the client authenticates itself: here, or in PEM.
    let jwks: KeySet?
    let publicKeyPem: String?
    let redirectUris: [String]?
    let postLogoutRedirectUris: [String]?
    let backChannelLogoutUri: String?
    let scopes: [String]
    let audiences: [String]
    /// The level demanded of a request that names none; 350 unless given.
    let defaultAcr: Int?

    /// The registry of all clients; throws for what is wrong with one, naming it.
    static func registry(_ reader: ConfigReader) throws(ConfigurationProblem) -> ClientRegistry {
        guard let entries = try reader.document("clients", as: [ClientConfiguration].self), !entries.isEmpty else {
            throw ConfigurationProblem("clients", "must name at least one client")
        }
        var clients: [RegisteredClient] = []
        for entry in entries { clients.append(try entry.registered()) }
        guard let registry = ClientRegistry(clients) else {
            throw ConfigurationProblem("clients", "two clients have the same id")
        }
        return registry
    }

    private func problem(_ message: String) -> ConfigurationProblem {
        ConfigurationProblem("clients", "\"\(id)\": \(message)")
    }

    private func registered() throws(ConfigurationProblem) -> RegisteredClient {
        guard (1...100).contains(id.utf8.count), !name.isEmpty else { throw problem("must have an id and a name") }
        for uri in (redirectUris ?? []) + (postLogoutRedirectUris ?? []) + [backChannelLogoutUri].compactMap(\.self) {
            guard Self.isAddress(uri) else {
                throw problem("\"\(uri)\" must be an http or https address without a fragment")
            }
        }
        guard kind == .service || !(redirectUris ?? []).isEmpty else { throw problem("lacks redirectUris") }
        guard !audiences.isEmpty else { throw problem("lacks audiences") }
        guard let acr = Acr(level: defaultAcr ?? 350) else { throw problem("defaultAcr is no known level") }
        let client = Client(
            id: id, name: name, kind: kind, redirectURIs: redirectUris ?? [],
            postLogoutRedirectURIs: postLogoutRedirectUris ?? [], backChannelLogoutURI: backChannelLogoutUri,
            personScopes: Set(scopes).intersection(Scope.ofPersons),
            ownScopes: Set(scopes).subtracting(Scope.ofPersons), audiences: audiences, defaultAcr: acr)
        return RegisteredClient(client: client, keys: try keys())
    }

    private func keys() throws(ConfigurationProblem) -> [RegisteredClient.Key] {
        var keys: [RegisteredClient.Key] = []
        for key in jwks?.keys ?? [] {
            guard key.kty == "EC", key.crv == "P-256", let x = Base64URL.decode(key.x),
                let y = Base64URL.decode(key.y),
                let value = try? P256.Signing.PublicKey(x963Representation: [0x04] + x + y)
            else { throw problem("a key of jwks is no P-256 key") }
            keys.append(.init(id: key.kid, key: value))
        }
        if let publicKeyPem {
            guard let value = try? P256.Signing.PublicKey(pemRepresentation: publicKeyPem) else {
                throw problem("publicKeyPem is no P-256 key")
            }
            keys.append(.init(id: nil, key: value))
        }
        guard !keys.isEmpty else { throw problem("lacks jwks or publicKeyPem") }
        return keys
    }

    private static func isAddress(_ text: String) -> Bool {
        guard let url = URL(string: text), url.scheme == "http" || url.scheme == "https",
            let host = url.host(), !host.isEmpty
        else { return false }
        return url.fragment() == nil
    }
}
