/// The parts of an OpenAPI document that the contract is checked by.
///
/// The documents are written by hand in one plain style (two blanks a level, block mappings for paths, methods and
/// components), so that lines and their depth are enough; what leaves that style fails the checks.
struct OpenAPIText {
    struct Operation {
        let method: String
        let path: String
        let lines: [Substring]

        /// Such as `GET /me/profiles`.
        var name: String { "\(method) \(path)" }
        var identifier: String? { value("operationId") }
        /// Whether anybody may call it.
        var isOpen: Bool { value("security") == "[]" }
        /// Whether the operation itself names the access token among what it needs.
        var needsAccessToken: Bool { lines.contains { $0.hasPrefix("        - accessToken:") } }
        /// The statuses that are documented.
        var statuses: Set<String> {
            Set(
                lines.compactMap { line in
                    guard line.depth == 8, let first = line.dropFirst(8).first, first == "\"" || first == "'" else {
                        return nil
                    }
                    return String(line.dropFirst(9).prefix(3))
                })
        }

        private func value(_ key: String) -> String? {
            lines.first { $0.depth == 6 && $0.dropFirst(6).hasPrefix(key + ":") }.map {
                $0.dropFirst(6 + key.count + 1).trimmed
            }
        }
    }

    let version: String?
    let operations: [Operation]
    /// What is referred to, such as `#/components/schemas/Problem`.
    let references: Set<String>
    /// What can be referred to.
    let components: Set<String>

    private static let methods: Set<String> = ["get", "post", "put", "delete", "patch", "head", "options"]

    init(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        version = lines.first { $0.hasPrefix("openapi:") }.map { $0.dropFirst("openapi:".count).trimmed }
        operations = Self.operations(lines)
        components = Self.components(lines)
        references = Set(text.matches(of: /#\/components\/[A-Za-z]+\/[A-Za-z0-9_.-]+/).map { String($0.output) })
    }

    private static func operations(_ lines: [Substring]) -> [Operation] {
        var operations: [Operation] = []
        var section = ""
        var path = ""
        var method = ""
        var block: [Substring] = []
        func close(_ operations: inout [Operation]) {
            if !method.isEmpty { operations.append(Operation(method: method, path: path, lines: block)) }
            method = ""
            block = []
        }
        for line in lines where !line.trimmed.isEmpty && !line.trimmed.hasPrefix("#") {
            switch line.depth {
            case 0:
                close(&operations)
                section = line.key
            case 2 where section == "paths":
                close(&operations)
                path = line.key
            case 4 where section == "paths":
                close(&operations)
                if methods.contains(line.key) { method = line.key.uppercased() }
            default: if !method.isEmpty { block.append(line) }
            }
        }
        close(&operations)
        return operations
    }

    private static func components(_ lines: [Substring]) -> Set<String> {
        var components: Set<String> = []
        var section = ""
        var kind = ""
        for line in lines where !line.trimmed.isEmpty && !line.trimmed.hasPrefix("#") {
            switch line.depth {
            case 0: section = line.key
            case 2 where section == "components": kind = line.key
            case 4 where section == "components": components.insert("#/components/\(kind)/\(line.key)")
            default: break
            }
        }
        return components
    }
}

extension Substring {
    fileprivate var depth: Int { prefix { $0 == " " }.count }

    fileprivate var trimmed: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    fileprivate var key: String { String(trimmed.prefix { $0 != ":" }) }
}
