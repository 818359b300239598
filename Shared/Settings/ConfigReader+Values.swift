package import Configuration
package import Crypto
import FoundationEssentials
import Keys
import Vocabulary

/// Values with their rules. Each throws a `ConfigurationProblem` that names the key.
///
/// They take the place of the library's readers, which answer a value of the wrong type with the default: a typing
/// error in a file must not go unnoticed.
extension ConfigReader {
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
        let path = try text(key)
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw ConfigurationProblem(key, "the file \"\(path)\" cannot be read")
        }
        var text = String(decoding: data, as: UTF8.self)
        while let last = text.last, last.isNewline { text.removeLast() }
        guard !text.isEmpty else { throw ConfigurationProblem(key, "the file \"\(path)\" is empty") }
        return text
    }

    /// A symmetric key of 32 bytes, as base64 or hexadecimal text in the file that the key names.
    package func symmetricKey(_ key: String) throws(ConfigurationProblem) -> [UInt8] {
        let text = try secret(key)
        let decoded = Self.hexadecimal(text) ?? Data(base64Encoded: text).map { [UInt8]($0) } ?? Base64URL.decode(text)
        guard let decoded, decoded.count == 32 else {
            throw ConfigurationProblem(key, "the file must hold 32 bytes as base64 or as 64 hexadecimal digits")
        }
        return decoded
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
