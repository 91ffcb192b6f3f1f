package import EbbModel
package import FoundationEssentials

/// One column of a report: how each format calls it, and its value.
///
/// Tables, CSV, JSON, NDJSON and pages are made from these.
package struct ReportColumn<Row> {
    /// The member in JSON; in CSV it is written `with_underscores`.
    package let key: String
    /// The heading in tables.
    package let title: String
    let alignment: TextTable.Column.Alignment
    let shrinks: Bool
    let yields: Bool
    /// What a row has in this column.
    package let value: (Row) -> ReportValue

    /// The heading is made from the key where none is given.
    package init(
        _ key: String, _ title: String? = nil, _ alignment: TextTable.Column.Alignment = .left, shrinks: Bool = false,
        yields: Bool = false, value: @escaping (Row) -> ReportValue
    ) {
        self.key = key
        self.title = title ?? key.uppercased()
        (self.alignment, self.shrinks, self.yields, self.value) = (alignment, shrinks, yields, value)
    }

    /// The same column, which a narrow terminal may leave out.
    var yielding: Self { Self(key, title, alignment, shrinks: shrinks, yields: true, value: value) }
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
    var field: CSV.Cell {
        switch self {
        case .text(let text): .optional(text)
        case .word(let word, _): .text(word)
        case .path(let path, _): .text(path.printable)
        case .bytes(let number), .count(let number): .optional(number)
        case .instant(let date): .optional(date.map(JSONText.instant))
        case .flag(let flag): .optional(flag.map { $0 ? "yes" : "no" })
        case .hosts(let hosts, _): .text(hosts.map(\.text).joined(separator: " "))
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
        var table = TextTable(columns.map { .init($0.title, $0.alignment, shrinks: $0.shrinks, yields: $0.yields) })
        for row in rows { table.add(columns.map { $0.value(row).cell }) }
        return table
    }
}

extension CSV {
    /// A header, and one record a row.
    static func write<Row>(
        _ rows: some Sequence<Row>, _ columns: [ReportColumn<Row>], to output: inout some TextOutputStream
    ) {
        output.write(line(columns.map { .text($0.key.snakeCased) }))
        for row in rows { output.write(line(columns.map { $0.value(row).field })) }
    }
}

extension String {
    /// `first_seen` of `firstSeen`.
    fileprivate var snakeCased: String {
        reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
    }
}
