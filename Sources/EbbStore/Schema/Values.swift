import EbbModel
import FoundationEssentials
import GRDB

/// Columns as values of the model; what cannot be one was damaged, which is never read as "none".
extension Row {
    /// A time that is stored in milliseconds.
    func date(_ column: String) -> Date { Date(milliseconds: self[column]) }

    /// As `date`, where there may be none.
    func dateIfAny(_ column: String) -> Date? { (self[column] as Int64?).map { Date(milliseconds: $0) } }

    /// A word of a closed list.
    func word<Word: RawRepresentable<String>>(_ column: String) throws -> Word { try there(wordIfAny(column), column) }

    /// As `word`, where there may be none.
    func wordIfAny<Word: RawRepresentable<String>>(_ column: String) throws -> Word? {
        try text(column, Word.init(rawValue:))
    }

    /// A boot id.
    func boot(_ column: String) throws -> BootID { try there(bootIfAny(column), column) }

    /// As `boot`, where there may be none.
    func bootIfAny(_ column: String) throws -> BootID? { try text(column) { BootID($0) } }

    /// A host's name.
    func host(_ column: String) throws -> HostName { try there(text(column) { try? HostName($0) }, column) }

    private func text<Value>(_ column: String, _ read: (String) -> Value?) throws -> Value? {
        try (self[column] as String?).map { try there(read($0), column) }
    }

    private func there<Value>(_ value: Value?, _ column: String) throws -> Value {
        guard let value else { throw damage(column) }
        return value
    }

    /// A value that is stored as JSON.
    func json<Value: Decodable>(_ column: String) throws -> Value {
        try StoredJSON.value(Value.self, from: self[column] as String)
    }

    /// Names the cell: its row by number where it has one, its column, and what it holds.
    private func damage(_ column: String) -> StoreError {
        let place = hasColumn("id") ? " of row \(self["id"] as Int64)" : ""
        let value = self[column] as DatabaseValue
        return StoreError(
            .corrupt,
            "the column \(column)\(place) holds \(PrintableText.line(value.description)), which is "
                + "damaged; `ebb database verify` names every damage")
    }
}

extension HostName {
    /// Reads a name back; a text that is none was put there by another program.
    init(stored text: String) throws {
        do { self = try HostName(text) } catch {
            throw StoreError(.corrupt, "a stored host name is none", cause: error)
        }
    }
}

extension Date {
    /// Milliseconds since 1970, as the tables hold times.
    var milliseconds: Int64 { Int64(clamping: timeIntervalSince1970, scale: 1_000) }

    /// Microseconds since 1970, as the tables hold modification times of paths.
    var microseconds: Int64 { Int64(clamping: timeIntervalSince1970, scale: 1_000_000) }

    init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1_000) }

    init(microseconds: Int64) { self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000) }
}

extension Int64 {
    /// Rounds, and stays within 9,000 years of 1970: a host's clock may say anything.
    fileprivate init(clamping seconds: Double, scale: Double) {
        let limit = 9_000.0 * 366 * 86_400
        let bounded = seconds.isFinite ? Swift.min(Swift.max(seconds, -limit), limit) : 0
        self = Int64((bounded * scale).rounded())
    }
}

/// JSON as the tables hold it: keys sorted, so that equal values are equal bytes.
enum StoredJSON {
    static func bytes(of value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .millisecondsSince1970
        return Array(try encoder.encode(value))
    }

    static func text(of value: some Encodable) throws -> String {
        String(decoding: try bytes(of: value), as: UTF8.self)
    }

    static func value<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .millisecondsSince1970
        do { return try decoder.decode(type, from: Data(bytes)) } catch {
            throw StoreError(.corrupt, "a stored \(type) cannot be read", cause: error)
        }
    }

    static func value<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        try value(type, from: Array(text.utf8))
    }
}

/// Digests as people read them.
enum Hex {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
