/// A value that can be bound in a statement and read from a column, in PostgreSQL's binary format.
package protocol PostgresValue: Sendable {
    /// The server's number of the type (`pg_type.oid`).
    static var postgresType: UInt32 { get }
    /// Appends the binary form; answers false for NULL, having appended nothing.
    func encode(into buffer: inout [UInt8]) -> Bool
    /// Reads a cell; throws a decoding error that names types, not values.
    init(cell: PostgresCell) throws(PostgresError)
}

/// A value that PostgreSQL can hold in an array.
package protocol PostgresArrayElement: Sendable {
    /// The server's number of the array type.
    static var postgresArrayType: UInt32 { get }
    /// Appends the binary form of the whole array.
    static func encodeArray(_ elements: [Self], into buffer: inout [UInt8])
    /// Reads the whole array.
    static func decodeArray(cell: PostgresCell) throws(PostgresError) -> [Self]
}

/// The type numbers that this module knows; they are fixed by PostgreSQL (`pg_type.dat`).
enum TypeNumber {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let name: UInt32 = 19
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let json: UInt32 = 114
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let bpchar: UInt32 = 1042
    static let varchar: UInt32 = 1043
    static let date: UInt32 = 1082
    static let timestamptz: UInt32 = 1184
    static let uuid: UInt32 = 2950
    static let jsonb: UInt32 = 3802
    /// Enums, domains over text and extension types get numbers from here on.
    static let firstOfUsers: UInt32 = 16_384

    static let boolArray: UInt32 = 1000
    static let int2Array: UInt32 = 1005
    static let int4Array: UInt32 = 1007
    static let textArray: UInt32 = 1009
    static let int8Array: UInt32 = 1016
    static let float8Array: UInt32 = 1022
    static let dateArray: UInt32 = 1182
    static let timestamptzArray: UInt32 = 1185
    static let uuidArray: UInt32 = 2951
}

extension [UInt8] {
    /// Appends a whole number, most significant byte first.
    mutating func append<Number: FixedWidthInteger>(bigEndian number: Number) {
        var shift = Number.bitWidth - 8
        while shift >= 0 {
            append(UInt8(truncatingIfNeeded: number >> Number(shift)))
            shift -= 8
        }
    }
}

extension ArraySlice<UInt8> {
    /// The whole slice as one number, most significant byte first.
    func bigEndian<Number: FixedWidthInteger>(_: Number.Type) throws(PostgresError) -> Number {
        guard count == Number.bitWidth / 8 else {
            throw PostgresError(.decoding, explanation: "\(count) bytes where \(Number.bitWidth / 8) were expected")
        }
        var number: Number = 0
        for byte in self { number = (number << 8) | Number(truncatingIfNeeded: byte) }
        return number
    }

    /// Takes the first `length` bytes off.
    mutating func take(_ length: Int) throws(PostgresError) -> ArraySlice<UInt8> {
        guard length >= 0, count >= length else {
            throw PostgresError(.decoding, explanation: "array ends too early")
        }
        defer { removeFirst(length) }
        return prefix(length)
    }
}

extension Optional: PostgresValue where Wrapped: PostgresValue {
    package static var postgresType: UInt32 { Wrapped.postgresType }

    package func encode(into buffer: inout [UInt8]) -> Bool {
        guard let self else { return false }
        return self.encode(into: &buffer)
    }

    package init(cell: PostgresCell) throws(PostgresError) {
        self = cell.bytes == nil ? nil : try Wrapped(cell: cell)
    }
}

extension Array: PostgresValue where Element: PostgresArrayElement {
    package static var postgresType: UInt32 { Element.postgresArrayType }

    package func encode(into buffer: inout [UInt8]) -> Bool {
        Element.encodeArray(self, into: &buffer)
        return true
    }

    package init(cell: PostgresCell) throws(PostgresError) {
        self = try Element.decodeArray(cell: cell)
    }
}

/// Bytes: `[UInt8]` is `bytea`, not an array of numbers.
extension UInt8: PostgresArrayElement {
    package static var postgresArrayType: UInt32 { TypeNumber.bytea }

    package static func encodeArray(_ elements: [UInt8], into buffer: inout [UInt8]) {
        buffer.append(contentsOf: elements)
    }

    package static func decodeArray(cell: PostgresCell) throws(PostgresError) -> [UInt8] {
        [UInt8](try cell.content(ofType: TypeNumber.bytea, as: "bytea"))
    }
}

extension PostgresArrayElement where Self: PostgresValue {
    package static func encodeArray(_ elements: [Self], into buffer: inout [UInt8]) {
        // Dimensions, "has NULLs" (the server ignores it on input), element type; then length and lower bound.
        buffer.append(bigEndian: Int32(elements.isEmpty ? 0 : 1))
        buffer.append(bigEndian: Int32(0))
        buffer.append(bigEndian: postgresType)
        guard !elements.isEmpty else { return }
        buffer.append(bigEndian: Int32(elements.count))
        buffer.append(bigEndian: Int32(1))
        for element in elements {
            let start = buffer.count
            buffer.append(bigEndian: Int32(-1))
            guard element.encode(into: &buffer) else { continue }
            let length = UInt32(buffer.count - start - 4)
            for byte in 0..<4 { buffer[start + byte] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * byte)) }
        }
    }

    package static func decodeArray(cell: PostgresCell) throws(PostgresError) -> [Self] {
        var rest = try cell.content(ofType: postgresArrayType, as: "array")
        let dimensions = try rest.take(4).bigEndian(Int32.self)
        _ = try rest.take(4)
        let elementType = try rest.take(4).bigEndian(UInt32.self)
        guard dimensions != 0 else { return [] }
        guard dimensions == 1 else {
            throw PostgresError(.decoding, explanation: "\(dimensions) dimensions where 1 was expected")
        }
        let count = Int(try rest.take(4).bigEndian(Int32.self))
        _ = try rest.take(4)
        var elements: [Self] = []
        elements.reserveCapacity(count)
        for _ in 0..<count {
            let length = try rest.take(4).bigEndian(Int32.self)
            let bytes = length < 0 ? nil : try rest.take(Int(length))
            elements.append(try Self(cell: PostgresCell(type: elementType, bytes: bytes)))
        }
        return elements
    }
}

extension Optional: PostgresArrayElement where Wrapped: PostgresValue & PostgresArrayElement {
    package static var postgresArrayType: UInt32 { Wrapped.postgresArrayType }
}
