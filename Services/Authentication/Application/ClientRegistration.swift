import AuthenticationDomain
package import ContractCore
import Crypto
import FoundationEssentials
import Keys
import Vocabulary

/// A client as somebody writes it down who registers it: JSON, of which nothing is believed.
///
/// Wherever clients are registered, this is the check; it names all that is wrong, each with the client's id.
package struct ClientRegistration: Decodable {
    private let value: WrittenValue

    package init(from decoder: any Decoder) throws {
        value = try WrittenValue(from: decoder)
    }

    /// What is wrong with registrations.
    package struct Problems: Error, Hashable, Sendable {
        /// A sentence for each, at least one.
        package let sentences: [String]
    }

    /// The registry of all clients.
    ///
    /// - Parameter audiences: the URIs of the APIs, by which clients name them.
    package static func registry(
        _ entries: [ClientRegistration], audiences: AudienceURIs
    ) throws(Problems) -> ClientRegistry {
        guard !entries.isEmpty else { throw Problems(sentences: ["must name at least one client"]) }
        var (clients, sentences): ([RegisteredClient], [String]) = ([], [])
        for (index, entry) in entries.enumerated() {
            var reading = Reading(entry.value, index: index, uris: audiences)
            if let client = reading.client() { clients.append(client) }
            sentences += reading.sentences
        }
        guard sentences.isEmpty else { throw Problems(sentences: sentences) }
        guard let registry = ClientRegistry(clients) else {
            throw Problems(sentences: ["two clients have the same id"])
        }
        return registry
    }
}

/// JSON as it is written, so that also what is misspelt is seen.
private enum WrittenValue: Decodable {
    case object([String: WrittenValue])
    case array([WrittenValue])
    case text(String)
    case number(Double)
    case other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode([String: WrittenValue].self) {
            self = .object(value)
        } else if let value = try? container.decode([WrittenValue].self) {
            self = .array(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else {
            self = .other
        }
    }
}

/// Reads one entry and notes what is wrong with it.
private struct Reading {
    private static let known: Set<String> = [
        "id", "name", "kind", "jwks", "publicKeyPem", "redirectUris", "postLogoutRedirectUris", "backChannelLogoutUri",
        "initiateLoginUri", "scopes", "audiences", "defaultAcr",
    ]
    private static let publicMembers: Set<String> = [
        "kty", "crv", "x", "y", "kid", "use", "alg", "key_ops", "x5c", "x5t", "x5t#S256", "x5u",
    ]
    private static let privateMembers: Set<String> = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]

    private(set) var sentences: [String] = []
    private let entry: [String: WrittenValue]
    private let label: String
    private let uris: AudienceURIs

    init(_ value: WrittenValue, index: Int, uris: AudienceURIs) {
        self.uris = uris
        if case .object(let entry) = value { self.entry = entry } else { entry = [:] }
        if case .text(let id)? = entry["id"], !id.isEmpty {
            label = "\"\(id.prefix(100))\""
        } else {
            label = "the client at place \(index + 1)"
        }
    }

    private mutating func note(_ message: String) { sentences.append("\(label): \(message)") }

    /// The client; `nil` when something is noted.
    mutating func client() -> RegisteredClient? {
        for key in entry.keys.sorted() where !Self.known.contains(key) { note("\"\(key)\" is no key of a client") }
        let id = text("id") ?? ""
        if !(1...100).contains(id.utf8.count) || !id.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) {
            note("id must have 1 to 100 printable characters")
        }
        let name = text("name") ?? ""
        if name.isEmpty { note("lacks name, which people read on the pages") }
        let kind = text("kind").flatMap(Client.Kind.init)
        if kind == nil { note("kind must be portal or service") }
        let isPortal = kind == .portal
        let (redirects, afterLogout) = (addresses("redirectUris"), addresses("postLogoutRedirectUris"))
        if isPortal, redirects.isEmpty { note("lacks redirectUris") }
        let start = address("initiateLoginUri")
        if isPortal, start == nil { note("lacks initiateLoginUri, the address at which a person starts at the portal") }
        let scopes = scopes(isPortal: isPortal)
        let audiences = audiences(opening: scopes)
        let acr = level()
        let (backChannel, keys) = (address("backChannelLogoutUri"), keys())
        guard sentences.isEmpty, let kind, let acr else { return nil }
        let client = Client(
            id: id, name: name, kind: kind, redirectURIs: redirects, postLogoutRedirectURIs: afterLogout,
            backChannelLogoutURI: backChannel, initiateLoginURI: start,
            personScopes: Set(scopes).intersection(Scope.ofPersons),
            ownScopes: Set(scopes).subtracting(Scope.ofPersons), audiences: audiences, defaultAcr: acr)
        return RegisteredClient(client: client, keys: keys)
    }

    // MARK: - Values

    private mutating func text(_ key: String) -> String? {
        switch entry[key] {
        case nil: return nil
        case .text(let text)?: return text
        default:
            note("\(key) must be a text")
            return nil
        }
    }

    private mutating func texts(_ key: String) -> [String] {
        guard let value = entry[key] else { return [] }
        guard case .array(let values) = value else {
            note("\(key) must be a list of texts")
            return []
        }
        return values.compactMap { value in
            if case .text(let text) = value { return text }
            note("\(key) must be a list of texts")
            return nil
        }
    }

    private mutating func level() -> Acr? {
        guard let value = entry["defaultAcr"] else { return .level350 }
        guard case .number(let number) = value, let level = Int(exactly: number), let acr = Acr(level: level) else {
            note("defaultAcr is no known level")
            return nil
        }
        return acr
    }

    private mutating func scopes(isPortal: Bool) -> [String] {
        let scopes = texts("scopes")
        for scope in scopes where !Scope.ofPersons.union(Scope.ofClients).contains(scope) {
            note("there is no scope \"\(scope)\"")
        }
        if isPortal, !scopes.contains("openid") { note("scopes lacks openid, without which nobody signs in") }
        return scopes
    }

    /// None is right for a portal that only signs people in.
    private mutating func audiences(opening scopes: [String]) -> [String] {
        let audiences = texts("audiences")
        for audience in audiences where uris.api(audience) == nil {
            let known = APIAudience.allCases.map { uris[$0] }.joined(separator: ", ")
            note("there is no audience \"\(audience)\"; there are \(known)")
        }
        for scope in scopes {
            guard let api = Scope.audiences[scope], !audiences.contains(uris[api]) else { continue }
            note("audiences lacks \"\(uris[api])\", which the scope \"\(scope)\" is for")
        }
        return audiences
    }

    // MARK: - Addresses

    private mutating func addresses(_ key: String) -> [String] {
        let texts = texts(key)
        for text in texts { check(text, of: key) }
        return texts
    }

    private mutating func address(_ key: String) -> String? {
        guard let text = text(key) else { return nil }
        check(text, of: key)
        return text
    }

    /// Clear text only to this very machine: whoever sits between would read codes and tokens.
    private mutating func check(_ text: String, of key: String) {
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), let url = URL(string: text),
            let scheme = url.scheme, ["http", "https"].contains(scheme), let host = url.host(), !host.isEmpty,
            url.user() == nil, url.fragment() == nil
        else {
            note("\(key): \"\(text.prefix(200))\" must be an https address without user name and fragment")
            return
        }
        guard scheme == "https" || Self.isLoopback(host) else {
            note("\(key): \"\(text.prefix(200))\" must be an https address; http is taken for the loopback alone")
            return
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host == "[::1]"
            || host.hasPrefix("127.") && host.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2e }
    }

    // MARK: - Keys

    private mutating func keys() -> [RegisteredClient.Key] {
        var keys: [RegisteredClient.Key] = []
        if let set = entry["jwks"] {
            guard case .object(let members) = set, case .array(let entries)? = members["keys"] else {
                note("jwks must be an object with the list keys")
                return []
            }
            for entry in entries { if let key = webKey(entry) { keys.append(key) } }
        }
        if let pem = text("publicKeyPem") {
            if let key = try? P256.Signing.PublicKey(pemRepresentation: pem) {
                keys.append(.init(id: nil, key: key))
            } else if pem.contains("PRIVATE KEY") {
                note("publicKeyPem holds a private key; replace that key, and give its public half")
            } else {
                note("publicKeyPem is no public key of the curve P-256")
            }
        }
        if keys.isEmpty, entry["jwks"] == nil, entry["publicKeyPem"] == nil { note("lacks jwks or publicKeyPem") }
        return keys
    }

    private mutating func webKey(_ value: WrittenValue) -> RegisteredClient.Key? {
        guard case .object(let members) = value else {
            note("a key of jwks is no object")
            return nil
        }
        func member(_ name: String) -> String? {
            if case .text(let text)? = members[name] { text } else { nil }
        }
        guard Self.privateMembers.isDisjoint(with: members.keys) else {
            note("jwks holds a private key; replace that key, and give its public half")
            return nil
        }
        guard member("kty") != "RSA" else {
            note("jwks holds an RSA key; only keys of the curve P-256 (ES256) are taken")
            return nil
        }
        for name in members.keys.sorted() where !Self.publicMembers.contains(name) {
            note("a key of jwks has the unknown member \"\(name)\"")
        }
        guard member("kty") == "EC", member("crv") == "P-256", let x = member("x").flatMap({ Base64URL.decode($0) }),
            let y = member("y").flatMap({ Base64URL.decode($0) }),
            let key = try? P256.Signing.PublicKey(x963Representation: [0x04] + x + y)
        else {
            note("a key of jwks is no public key of the curve P-256")
            return nil
        }
        return .init(id: member("kid"), key: key)
    }
}
