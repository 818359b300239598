package import Configuration
import FoundationEssentials

/// A JSON configuration file as a provider of values, which also knows its keys.
///
/// The library's own JSON provider refuses arrays of objects, which a list of clients is, and does not say which keys
/// nobody asked for; that is why the file is read here. An object or array can be read whole, by
/// `ConfigReader.document`.
package struct ConfigurationFile: Sendable {
    /// The keys of all single values and arrays, such as `database.host`.
    package let keys: Set<String>
    /// The values, for a `ConfigReader`.
    package let provider: InMemoryProvider

    /// The component under which the JSON text of an object or array is found.
    static let documentComponent = "#json"

    /// Reads a file; throws a `ConfigurationProblem` when it is absent, no JSON, or not an object.
    package init(path: String) throws(ConfigurationProblem) {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw ConfigurationProblem("--config", "the file \"\(path)\" cannot be read")
        }
        try self.init(json: [UInt8](data), path: path)
    }

    /// Reads the content of a file; `path` is for the text of an error.
    package init(json: [UInt8], path: String) throws(ConfigurationProblem) {
        let tree: JSONTree
        do {
            tree = try JSONDecoder().decode(JSONTree.self, from: Data(json))
        } catch {
            throw ConfigurationProblem("--config", "the file \"\(path)\" is not well-formed JSON")
        }
        guard case .object(let members) = tree else {
            throw ConfigurationProblem("--config", "the file \"\(path)\" must hold a JSON object")
        }
        var flattened = Flattened()
        for (name, value) in members { flattened.add(value, at: [name]) }
        keys = flattened.keys
        provider = InMemoryProvider(name: path, values: flattened.values)
    }

    /// An empty file, for a process that is configured by its environment alone.
    package static let empty = ConfigurationFile(keys: [], provider: InMemoryProvider(values: [:]))

    private init(keys: Set<String>, provider: InMemoryProvider) {
        self.keys = keys
        self.provider = provider
    }

    private struct Flattened {
        var keys: Set<String> = []
        var values: [AbsoluteConfigKey: ConfigValue] = [:]

        mutating func add(_ tree: JSONTree, at path: [String]) {
            switch tree {
            case .null: break
            case .text(let text): set(.string(text), at: path)
            case .boolean(let value): set(.bool(value), at: path)
            case .integer(let value): set(.int(value), at: path)
            case .number(let value): set(.double(value), at: path)
            case .array(let items):
                keys.insert(path.joined(separator: "."))
                let texts = items.compactMap { if case .text(let text) = $0 { text } else { nil } }
                if texts.count == items.count {
                    values[AbsoluteConfigKey(path)] = ConfigValue(.stringArray(texts), isSecret: false)
                }
                addDocument(tree, at: path)
            case .object(let members):
                addDocument(tree, at: path)
                for (name, value) in members { add(value, at: path + [name]) }
            }
        }

        private mutating func set(_ content: ConfigContent, at path: [String]) {
            keys.insert(path.joined(separator: "."))
            values[AbsoluteConfigKey(path)] = ConfigValue(content, isSecret: false)
        }

        private mutating func addDocument(_ tree: JSONTree, at path: [String]) {
            guard let data = try? JSONEncoder().encode(tree) else { return }
            values[AbsoluteConfigKey(path + [documentComponent])] = ConfigValue(
                .string(String(decoding: data, as: UTF8.self)), isSecret: false)
        }
    }
}

/// Any JSON value.
enum JSONTree: Codable, Sendable {
    case null
    case text(String)
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case array([JSONTree])
    case object([String: JSONTree])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONTree].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONTree].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .text(let value): try container.encode(value)
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
