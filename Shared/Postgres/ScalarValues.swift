import FoundationEssentials
package import Vocabulary

extension Bool: PostgresValue, PostgresArrayElement {
    package static var postgresType: UInt32 { TypeNumber.bool }
    package static var postgresArrayType: UInt32 { TypeNumber.boolArray }

    package func encode(into buffer: inout [UInt8]) -> Bool {
        buffer.append(self ? 1 : 0)
        return true
    }

    package init(cell: PostgresCell) throws(PostgresError) {
        self = try cell.content(ofType: TypeNumber.bool, as: "boolean").bigEndian(UInt8.self) != 0
    }
}

extension Int16: PostgresValue, PostgresArrayElement {
    package static var postgresType: UInt32 { TypeNumber.int2 }
    package static var postgresArrayType: UInt32 { TypeNumber.int2Array }

    package func encode(into buffer: inout [UInt8]) -> Bool {
        buffer.append(bigEndian: self)
        return true
    }

    package init(cell: PostgresCell) throws(PostgresError) {
        self = try cell.content(ofType: TypeNumber.int2, as: "smallint").bigEndian(Int16.self)
    }
}

extension Int32: PostgresValue, PostgresArrayElement {
    package static var postgresType: UInt32 { TypeNumber.int4 }
    package static var postgresArrayType: UInt32 { TypeNumber.int4Array }

    package func encode(into buffer: inout [UInt8]) -> Bool {
        buffer.append(bigEndian: self)
        return true
    }

    /// Reads an integer or a smallint.
    package init(cell: PostgresCell) throws(PostgresError) {
        let bytes = try cell.content(ofType: TypeNumber.int4, TypeNumber.int2, as: "integer")
        self = cell.type == TypeNumber.int2 ? Int32(try bytes.bigEndian(Int16.self)) : try bytes.bigEndian(Int32.self)
    }
}

extension Int64: PostgresValue, PostgresArrayElement {
    package static var postgresType: UInt32 { TypeNumber.int8 }
    package static var postgresArrayType: UInt32 { TypeNumber.int8Array }

    package func encode(into buffer: inout [UInt8]) -> Bool {
        buffer.append(bigEndian: self)
        return true
    }

    /// Reads a bigint, an integer or a smallint.
    package init(cell: PostgresCell) throws(PostgresError) {
        let bytes = try cell.content(ofType: TypeNumber.int8, TypeNumber.int4, TypeNumber.int2, as: "bigint")
        switch cell.type {
        case TypeNumber.int2: self = Int64(try bytes.bigEndian(Int16.self))
        case TypeNumber.int4: self = Int64(try bytes.bigEndian(Int32.self))
        default: self = try bytes.bigEndian(Int64.self)
        }
    }
}

extension Int: PostgresValue, PostgresArrayElement {
    package static var postgresType: UInt32 { TypeNumber.int8 }
    package static var postgresArrayType: UInt32 { TypeNumber.int8Array }

    package func encode(into buffer: inout [UInt8]) -> Bool {
        buffer.append(bigEndian: Int64(self))
        return true
    }

    /// Reads a bigint, an integer or a smallint.
    package init(cell: PostgresCell) throws(PostgresError) {
        self = Int(try Int64(cell: cell))
    }
}

extension Double: PostgresValue, PostgresArrayElement {
    package static var postgresType: UInt32 { TypeNumber.float8 }
    package static var postgresArrayType: UInt32 { TypeNumber.float8Array }

    package func encode(into buffer: inout [UInt8]) -> Bool {
        buffer.append(bigEndian: bitPattern)
        return true
    }

    /// Reads a double precision or a real.
    package init(cell: PostgresCell) throws(PostgresError) {
        let bytes = try cell.content(ofType: TypeNumber.float8, TypeNumber.float4, as: "double precision")
        if cell.type == TypeNumber.float4 {
            self = Double(Float(bitPattern: try bytes.bigEndian(UInt32.self)))
        } else {
            self = Double(bitPattern: try bytes.bigEndian(UInt64.self))
        }
    }
}

extension String: PostgresValue, PostgresArrayElement {
    package static var postgresType: UInt32 { TypeNumber.text }
    package static var postgresArrayType: UInt32 { TypeNumber.textArray }

    /// Appends the UTF-8 text.
    ///
    /// PostgreSQL refuses U+0000 (SQLSTATE 22021); it is never cut off there.
    package func encode(into buffer: inout [UInt8]) -> Bool {
        buffer.append(contentsOf: utf8)
        return true
    }

    /// Reads text, varchar, char, name, json, jsonb, and types of users (enums, citext).
    package init(cell: PostgresCell) throws(PostgresError) {
        guard var bytes = cell.bytes else {
            throw PostgresError(.decoding, explanation: "NULL where text was expected")
        }
        switch cell.type {
        case TypeNumber.text, TypeNumber.varchar, TypeNumber.bpchar, TypeNumber.name, TypeNumber.json: break
        case TypeNumber.jsonb: bytes = bytes.dropFirst()
        case TypeNumber.firstOfUsers...: break
        default: throw PostgresError(.decoding, explanation: "type \(cell.type) where text was expected")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw PostgresError(.decoding, explanation: "bytes that are no UTF-8 where text was expected")
        }
        self = text
    }
}

/// A JSON document in a `jsonb` column.
package struct Json: PostgresValue, Hashable {
    /// The document's text.
    package let text: String

    /// Wraps a text; the server refuses it when it is no JSON (SQLSTATE 22P02).
    package init(_ text: String) { self.text = text }

    package static var postgresType: UInt32 { TypeNumber.jsonb }

    package func encode(into buffer: inout [UInt8]) -> Bool {
        buffer.append(1)  // version of jsonb's binary form
        buffer.append(contentsOf: text.utf8)
        return true
    }

    package init(cell: PostgresCell) throws(PostgresError) {
        _ = try cell.content(ofType: TypeNumber.jsonb, TypeNumber.json, as: "jsonb")
        text = try String(cell: cell)
    }
}

extension UUID: PostgresValue, PostgresArrayElement {
    package static var postgresType: UInt32 { TypeNumber.uuid }
    package static var postgresArrayType: UInt32 { TypeNumber.uuidArray }

    package func encode(into buffer: inout [UInt8]) -> Bool {
        let high = (uuid.0, uuid.1, uuid.2, uuid.3, uuid.4, uuid.5, uuid.6, uuid.7)
        let low = (uuid.8, uuid.9, uuid.10, uuid.11, uuid.12, uuid.13, uuid.14, uuid.15)
        for half in [high, low] {
            buffer.append(contentsOf: [half.0, half.1, half.2, half.3, half.4, half.5, half.6, half.7])
        }
        return true
    }

    package init(cell: PostgresCell) throws(PostgresError) {
        let b = [UInt8](try cell.content(ofType: TypeNumber.uuid, as: "uuid"))
        guard b.count == 16 else { throw PostgresError(.decoding, explanation: "uuid of \(b.count) bytes") }
        self = UUID(
            uuid: (
                b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]
            ))
    }
}

extension Identifier: PostgresValue, PostgresArrayElement {
    package static var postgresType: UInt32 { TypeNumber.uuid }
    package static var postgresArrayType: UInt32 { TypeNumber.uuidArray }

    package func encode(into buffer: inout [UInt8]) -> Bool { uuid.encode(into: &buffer) }

    package init(cell: PostgresCell) throws(PostgresError) { self.init(try UUID(cell: cell)) }
}

/// PostgreSQL counts from 2000-01-01, and its instants end before ours do.
private enum Epoch {
    static let days = 10_957
    static let microseconds: Int64 = 946_684_800_000_000
    /// From 4714-11-24 BC up to the end of 294276, in microseconds from 2000.
    static let instants: ClosedRange<Int64> = -211_813_488_000_000_000...9_223_371_331_199_999_999
}

/// An instant beyond what PostgreSQL can hold is kept as the last one, or the first one, that it can.
extension Instant: PostgresValue, PostgresArrayElement {
    package static var postgresType: UInt32 { TypeNumber.timestamptz }
    package static var postgresArrayType: UInt32 { TypeNumber.timestamptzArray }

    package func encode(into buffer: inout [UInt8]) -> Bool {
        let value = microseconds.saturatingSubtracting(Epoch.microseconds)
        buffer.append(bigEndian: min(max(value, Epoch.instants.lowerBound), Epoch.instants.upperBound))
        return true
    }

    package init(cell: PostgresCell) throws(PostgresError) {
        let value = try cell.content(ofType: TypeNumber.timestamptz, as: "timestamptz").bigEndian(Int64.self)
        guard value != .max, value != .min else {
            throw PostgresError(.decoding, explanation: "infinity where an instant was expected")
        }
        self.init(microseconds: value.saturatingAdding(Epoch.microseconds))
    }
}

extension LocalDate: PostgresValue, PostgresArrayElement {
    package static var postgresType: UInt32 { TypeNumber.date }
    package static var postgresArrayType: UInt32 { TypeNumber.dateArray }

    package func encode(into buffer: inout [UInt8]) -> Bool {
        buffer.append(bigEndian: Int32(daysSinceEpoch - Epoch.days))
        return true
    }

    package init(cell: PostgresCell) throws(PostgresError) {
        let value = try cell.content(ofType: TypeNumber.date, as: "date").bigEndian(Int32.self)
        guard value != .max, value != .min else {
            throw PostgresError(.decoding, explanation: "infinity where a date was expected")
        }
        self.init(daysSinceEpoch: Int(value) + Epoch.days)
    }
}
