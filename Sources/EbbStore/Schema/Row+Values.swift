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
    func word<Word: RawRepresentable<String>>(_ column: String) throws -> Word {
        guard let word: Word = try wordIfAny(column) else { throw damage(column) }
        return word
    }

    /// As `word`, where there may be none.
    func wordIfAny<Word: RawRepresentable<String>>(_ column: String) throws -> Word? {
        try (self[column] as String?).map { text in
            guard let word = Word(rawValue: text) else { throw damage(column) }
            return word
        }
    }

    /// A boot id.
    func boot(_ column: String) throws -> BootID {
        guard let boot = try bootIfAny(column) else { throw damage(column) }
        return boot
    }

    /// As `boot`, where there may be none.
    func bootIfAny(_ column: String) throws -> BootID? {
        try (self[column] as String?).map { text in
            guard let boot = BootID(text) else { throw damage(column) }
            return boot
        }
    }

    /// A host's name.
    func host(_ column: String) throws -> HostName {
        do { return try HostName(self[column] as String) } catch { throw damage(column) }
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
