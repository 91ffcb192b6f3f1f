package import EbbModel
package import FoundationEssentials

/// One column of a report: how each format calls it, and its value.
///
/// Tables, CSV, JSON, NDJSON and pages are made from these.
package struct ReportColumn<Row> {
    /// The member in JSON; in CSV it is written `with_underscores`.
    package let key: String
    /// The column of a table.
    let column: TextTable.Column
    /// What a row has in this column.
    package let value: (Row) -> ReportValue

    /// The heading is made from the key where none is given.
    package init(
        _ key: String, _ title: String? = nil, _ alignment: TextTable.Column.Alignment = .left, shrinks: Bool = false,
        yields: Bool = false, value: @escaping (Row) -> ReportValue
    ) {
        (self.key, self.value) = (key, value)
        column = TextTable.Column(title ?? key.uppercased(), alignment, shrinks: shrinks, yields: yields)
    }

    /// The same column, which a narrow terminal may leave out.
    var yielding: Self {
        Self(key, column.title, column.alignment, shrinks: column.shrinks, yields: true, value: value)
    }
}

/// A value that each format writes in its own way.
package enum ReportValue {
    /// A text, or nothing that is known.
    case text(String?)
    /// A word of a closed list, with what it means.
    case word(String, TextRole)
    /// A path, and what follows it in a table.
    case path(BytePath, note: String = "")
    case bytes(Int64?)
    case count(Int64?)
    case instant(Date?)
    case flag(Bool?)
    /// Names of hosts, and how a table puts them in few words.
    case hosts([HostName], short: String)

    /// A number of any width.
    package static func number(_ value: (some BinaryInteger)?) -> ReportValue {
        .count(value.map { Int64(clamping: $0) })
    }

    /// The member or members of JSON; a path that is no text has a second one with its bytes.
    func members(_ key: String) -> [JSON.Member] {
        if case .path(let path, _) = self, path.text == nil {
            return [.init(key, .string(path.printable)), .init("pathBase64", .string(path.base64))]
        }
        return [.init(key, json)]
    }

    private var json: JSON {
        switch self {
        case .text(let text): .optional(text)
        case .word(let word, _): .string(word)
        case .path(let path, _): .string(path.printable)
        case .bytes(let number), .count(let number): .optional(number) { .integer($0) }
        case .instant(let date): .instant(date)
        case .flag(let flag): .optional(flag) { .bool($0) }
        case .hosts(let hosts, _): .strings(hosts.map(\.text))
        }
    }

    /// The cell of a table.
    var cell: TextTable.Cell {
        switch self {
        case .text(let text): .init(text ?? "?")
        case .word(let word, let role): .init(word, role)
        case .path(let path, let note): .init(path.printable + note)
        case .bytes(let number): .init(ByteCount.text(number))
        case .count(let number): .init(number.map { String($0) } ?? "?")
        case .instant(let date): .init(date.map(TextDuration.minute) ?? "?")
        case .flag(let flag): .init(flag.map { $0 ? "yes" : "no" } ?? "?")
        case .hosts(_, let short): .init(short)
        }
    }

    /// The field of CSV.
    var field: String {
        switch self {
        case .text(let text): CSV.field(text)
        case .word(let word, _): CSV.field(word)
        case .path(let path, _): CSV.field(path.printable)
        // A number that Ebb computed is no text: its sign makes no formula.
        case .bytes(let number), .count(let number): number.map { String($0) } ?? ""
        case .instant(let date): CSV.field(date.map(JSONText.instant))
        case .flag(let flag): flag.map { $0 ? "yes" : "no" } ?? ""
        case .hosts(let hosts, _): CSV.field(hosts.map(\.text).joined(separator: " "))
        }
    }
}

extension JSON {
    /// An object with a member for each column.
    package static func object<Row>(_ row: Row, _ columns: [ReportColumn<Row>]) -> JSON {
        .object(columns.flatMap { $0.value(row).members($0.key) })
    }
}

extension TextTable {
    /// A table with one line a row.
    static func of<Row>(_ rows: some Sequence<Row>, _ columns: [ReportColumn<Row>]) -> TextTable {
        var table = TextTable(columns.map(\.column))
        for row in rows { table.add(columns.map { $0.value(row).cell }) }
        return table
    }
}

extension String {
    /// `first_seen` of `firstSeen`.
    var snakeCased: String { reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) } }
}

/// Comma-separated values after RFC 4180, safe to open in a spreadsheet.
enum CSV {
    /// One field; a text that is not known is left empty.
    static func field(_ text: String?) -> String {
        let safe = text.map(neutralized) ?? ""
        let needsQuotes = safe.utf8.contains { $0 == 0x2C || $0 == 0x22 || $0 <= 0x20 }
        guard needsQuotes else { return safe }
        // By scalars, as readers do: a quote with a combining mark behind it is one Character.
        let doubled = safe.unicodeScalars.split(separator: "\"", omittingEmptySubsequences: false)
        return "\"" + doubled.map(String.init).joined(separator: "\"\"") + "\""
    }

    /// A header, and one record a row.
    static func write<Row>(
        _ rows: some Sequence<Row>, _ columns: [ReportColumn<Row>], to output: inout some TextOutputStream
    ) {
        func line(_ fields: [String]) { output.write(fields.joined(separator: ",") + "\r\n") }
        line(columns.map { field($0.key.snakeCased) })
        for row in rows { line(columns.map { $0.value(row).field }) }
    }

    /// The text as one line that no spreadsheet takes for a formula.
    ///
    /// Programs look past blanks and byte order marks before the sign, and know full-width ones.
    private static func neutralized(_ text: String) -> String {
        let line = PrintableLine.of(text)
        let first = line.unicodeScalars.first { !$0.properties.isWhitespace }
        guard let first, "=+-@|%＝＋－＠\\".unicodeScalars.contains(first) else { return line }
        return "'" + line
    }
}
