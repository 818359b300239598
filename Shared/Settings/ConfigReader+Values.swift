package import Configuration
package import ContractCore
package import Crypto
import FoundationEssentials
package import Keys
package import Vocabulary

/// Values with their rules. Each throws a `ConfigurationProblem` that names the key.
///
/// They take the place of the library's readers, which answer a value of the wrong type with the default: a typing
/// error in a file must not go unnoticed.
extension ConfigReader {
    /// `trustedProxies`: the proxies whose word is taken for whom they forward; none when it is absent.
    package func trustedProxies() throws(ConfigurationProblem) -> [NetworkRange] {
        var ranges: [NetworkRange] = []
        for text in texts("trustedProxies") {
            guard let range = NetworkRange(text) else {
                throw ConfigurationProblem(
                    "trustedProxies",
                    "must be a list of addresses or ranges such as 10.0.0.0/8 or 2001:db8::/32, and has \"\(text)\"")
            }
            ranges.append(range)
        }
        return ranges
    }

    /// A text that may be absent; one that is empty counts as absent.
    package func optionalText(_ key: String) -> String? {
        let name = ConfigKey(key)
        let text =
            string(forKey: name) ?? int(forKey: name).map(String.init) ?? bool(forKey: name).map { "\($0)" }
            ?? double(forKey: name).map { "\($0)" }
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A text that must be there.
    package func text(_ key: String) throws(ConfigurationProblem) -> String {
        guard let text = optionalText(key) else { throw ConfigurationProblem(key, "is missing") }
        return text
    }

    /// A text with a default.
    package func text(_ key: String, default fallback: String) -> String {
        optionalText(key) ?? fallback
    }

    /// A whole number within a range, with a default.
    package func integer(
        _ key: String, default fallback: Int, in range: ClosedRange<Int>
    ) throws(ConfigurationProblem) -> Int {
        guard let text = optionalText(key) else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            throw ConfigurationProblem(
                key, "must be a whole number from \(range.lowerBound) to \(range.upperBound), and is \"\(text)\"")
        }
        return value
    }

    /// True or false, with a default.
    package func boolean(_ key: String, default fallback: Bool) throws(ConfigurationProblem) -> Bool {
        guard let text = optionalText(key) else { return fallback }
        guard let value = Bool(text) else {
            throw ConfigurationProblem(key, "must be true or false, and is \"\(text)\"")
        }
        return value
    }

    /// Texts, as an array or as one text with commas between them; empty when the key is absent.
    package func texts(_ key: String) -> [String] {
        let texts = stringArray(forKey: ConfigKey(key)) ?? optionalText(key)?.split(separator: ",").map(String.init)
        return (texts ?? []).map { String($0.trimmedBlanks) }.filter { !$0.isEmpty }
    }

    /// The address of a web server: `http` or `https`, a host, and neither a query nor a slash at the end.
    package func webAddress(_ key: String) throws(ConfigurationProblem) -> String {
        let text = try text(key)
        guard let url = URL(string: text), url.scheme == "https" || url.scheme == "http", let host = url.host(),
            !host.isEmpty, url.query() == nil, url.fragment() == nil, !text.hasSuffix("/")
        else {
            throw ConfigurationProblem(
                key,
                "must be an address such as \"https://host:8443\", without a slash at its end, and is \"\(text)\"")
        }
        return text
    }

    /// An object or array of the configuration file as a whole; nil when the key is absent.
    package func document<Value: Decodable>(
        _ key: String, as type: Value.Type
    ) throws(ConfigurationProblem) -> Value? {
        let name = ConfigKey(ConfigKey(key).components + [ConfigurationFile.documentComponent])
        guard let text = string(forKey: name) else {
            guard optionalText(key) == nil else { throw ConfigurationProblem(key, "must be an object or an array") }
            return nil
        }
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch let error as DecodingError {
            throw ConfigurationProblem(key, error.place)
        } catch {
            throw ConfigurationProblem(key, "cannot be read")
        }
    }

    /// The content of the file that the key names, without the line break at its end.
    package func secret(_ key: String) throws(ConfigurationProblem) -> String {
        try Self.secret(path: try text(key), key)
    }

    private static func secret(path: String, _ key: String) throws(ConfigurationProblem) -> String {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw ConfigurationProblem(key, "the file \"\(path)\" cannot be read")
        }
        var text = String(decoding: data, as: UTF8.self)
        while let last = text.last, last.isNewline { text.removeLast() }
        guard !text.isEmpty else { throw ConfigurationProblem(key, "the file \"\(path)\" is empty") }
        return text
    }

    /// A key of 32 bytes for codes, as base64 or hexadecimal text in the file that the key names.
    package func hmacKey(_ key: String) throws(ConfigurationProblem) -> HMACKey {
        guard let value = HMACKey(try Self.symmetricKey(path: try text(key), key)) else {
            throw ConfigurationProblem(key, "the file must hold 32 bytes")
        }
        return value
    }

    private static func symmetricKey(path: String, _ key: String) throws(ConfigurationProblem) -> [UInt8] {
        let text = try secret(path: path, key)
        let decoded = hexadecimal(text) ?? Data(base64Encoded: text).map { [UInt8]($0) } ?? Base64URL.decode(text)
        guard let decoded, decoded.count == 32 else {
            throw ConfigurationProblem(
                key, "the file \"\(path)\" must hold 32 bytes as base64 or as 64 hexadecimal digits")
        }
        return decoded
    }

    /// Keys in files, as texts `<id>=<path>`: the current one first.
    package func keyRing(_ key: String) throws(ConfigurationProblem) -> [(id: String, key: [UInt8])] {
        try Self.keyRing(texts(key), key)
    }

    /// Ids stand in rows and in statements that find them, so they are plain.
    private static func isKeyID(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { scalar in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "-": true
                default: false
                }
            }
    }

    /// A ring of keys that seal: the first one seals, all open.
    package func sealingRing(_ key: String) throws(ConfigurationProblem) -> SealingKey {
        let ring = try keyRing(key)
        let keys = Dictionary(ring.map { ($0.id, $0.key) }, uniquingKeysWith: { first, _ in first })
        guard let sealing = SealingKey(currentID: ring[0].id, keys: keys) else {
            throw ConfigurationProblem(key, "an id must have 1 to 32 bytes, and a key 32 bytes")
        }
        return sealing
    }

    /// A P-256 private key in the PEM file that the key names.
    package func signingKey(_ key: String) throws(ConfigurationProblem) -> P256.Signing.PrivateKey {
        let pem = try secret(key)
        do {
            return try P256.Signing.PrivateKey(pemRepresentation: pem)
        } catch {
            throw ConfigurationProblem(key, "the file does not hold a P-256 private key in PEM form")
        }
    }

    private static func hexadecimal(_ text: String) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count, digits.count == 64 else { return nil }
        return stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}

extension DecodingError {
    /// Where in a document and what, without its values.
    fileprivate var place: String {
        func path(_ keys: [any CodingKey]) -> String {
            keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        }
        return switch self {
        case .keyNotFound(let key, let context): "lacks \"\(path(context.codingPath + [key]))\""
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\"\(path(context.codingPath))\" has a value of the wrong type"
        case .dataCorrupted(let context): "\"\(path(context.codingPath))\" has a value that cannot be"
        @unknown default: "cannot be read"
        }
    }
}

extension ConfigReader {
    /// The URIs by which access tokens name the APIs: those of `audiences`, an object by the names of APIs, and the
    /// standard ones for the rest.
    package func audienceURIs() throws(ConfigurationProblem) -> AudienceURIs {
        var replaced: [APIAudience: String] = [:]
        for (name, uri) in try document("audiences", as: [String: String].self) ?? [:] {
            guard let api = APIAudience(rawValue: name) else {
                let names = APIAudience.allCases.map(\.rawValue).joined(separator: ", ")
                throw ConfigurationProblem("audiences", "names \"\(name)\"; there are \(names)")
            }
            // An absolute URI without a fragment (RFC 8707 section 2).
            guard uri.firstIndex(of: ":").map({ $0 != uri.startIndex }) == true, uri.utf8.count <= 255,
                uri.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "#") })
            else { throw ConfigurationProblem("audiences", "\"\(name)\" must be an absolute URI without a fragment") }
            replaced[api] = uri
        }
        guard let uris = AudienceURIs(replacing: replaced) else {
            throw ConfigurationProblem("audiences", "two APIs have the same URI")
        }
        return uris
    }

    /// The keys that access tokens are sealed with: `audienceKeys`, an object of lists of texts `<id>=<path>` by the
    /// names of APIs, the key that seals first.
    ///
    /// - Parameter service: an API must have its own keys, and authentication-service those of all.
    package func audienceKeys(of service: String) throws(ConfigurationProblem) -> AudienceKeys {
        let key = "audienceKeys"
        var rings: [APIAudience: [(id: String, key: [UInt8])]] = [:]
        for (name, files) in try document(key, as: [String: [String]].self) ?? [:] {
            guard let api = APIAudience(rawValue: name) else {
                throw ConfigurationProblem(key, "names \"\(name)\", which is no API")
            }
            rings[api] = try Self.keyRing(files, key)
        }
        let own = APIAudience(rawValue: service)
        for api in own == .authentication ? APIAudience.allCases : [own].compactMap(\.self) where rings[api] == nil {
            throw ConfigurationProblem(key, "lacks the keys of \(api.rawValue)")
        }
        guard let keys = AudienceKeys(rings) else {
            throw ConfigurationProblem(key, "each API has one or two keys of 32 bytes with ids of 1 to 32 bytes")
        }
        return keys
    }

    /// Keys in files, as texts `<id>=<path>`, the current one first.
    package static func keyRing(
        _ entries: [String], _ key: String
    ) throws(ConfigurationProblem) -> [(id: String, key: [UInt8])] {
        var ring: [(id: String, key: [UInt8])] = []
        for entry in entries {
            let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, isKeyID(parts[0]), !ring.contains(where: { $0.id == parts[0] }) else {
                throw ConfigurationProblem(
                    key,
                    "must be a list of texts <id>=<path of a key file>; an id stands there once and has 1 to 32 letters, "
                        + "digits, dots, dashes or underscores")
            }
            ring.append((parts[0], try symmetricKey(path: parts[1], key)))
        }
        guard !ring.isEmpty else { throw ConfigurationProblem(key, "must name at least one key") }
        return ring
    }
}
