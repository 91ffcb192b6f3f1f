import EbbModel
import FoundationEssentials
import FoundationInternationalization

/// A value as it was written, and the map and key that it was written under.
struct WrittenValue {
    var value: YAMLValue
    let map: MapReader
    let key: String
    /// Its place in a list.
    var index: Int?

    /// What messages call it.
    var name: String { map.path(key) }

    /// A reader for the value as a map.
    var reader: MapReader { MapReader(value, name: name + (index.map { "[\($0)]" } ?? ""), problems: map.problems) }

    /// Reports that the value is of the wrong kind.
    func wrong<Result>(_ expected: String) -> Result? {
        map.wrong(key, value, expected)
        return nil
    }

    /// Reports what is wrong with the value, whose name begins the sentence.
    func refused<Result>(_ words: String, hint: String? = nil) -> Result? {
        map.problems.error(at: value.location, "\(name) \(words)", hint: hint)
        return nil
    }
}

/// What a setting may hold: how it is read, shown and described.
struct SettingKind<Value: Sendable>: Sendable {
    let shape: SettingShape
    /// How a default is written.
    var text: @Sendable (Value) -> String = { _ in "" }
    /// The value; `nil` where it is wrong, which was reported.
    let read: @Sendable (WrittenValue) -> Value?

    /// A scalar that `parse` understands; `expected` completes “must be …”.
    static func scalar(
        _ expected: String, pattern: String? = nil, shape: SettingShape? = nil,
        text: @escaping @Sendable (Value) -> String = { "\($0)" }, _ parse: @escaping @Sendable (String) -> Value?
    ) -> Self {
        Self(shape: shape ?? .text(expected, pattern: pattern), text: text) { written in
            MapReader.scalar(written.value, written.name, expected, written.map.problems, parse)
        }
    }

    /// A map that is written as a `Written`, which `make` turns into the value or reports as wrong.
    static func map<Written: SettingsMap>(_: Written.Type, _ make: @escaping @Sendable (Written, MapReader) -> Value?)
        -> Self
    {
        Self(shape: .map(Written.entries)) { written in
            let map = written.reader
            return map.whole(Written.self).flatMap { make($0, map) }
        }
    }

    /// A list, or one element alone.
    static func list<Element>(of kind: SettingKind<Element>) -> Self where Value == [Element] {
        Self(
            shape: .list(kind.shape), text: { $0.map(kind.text).joined(separator: ", ") },
            read: { written in
                guard case .list(let values) = written.value.content else { return kind.read(written).map { [$0] } }
                return values.enumerated().compactMap { index, value in
                    kind.read(WrittenValue(value: value, map: written.map, key: written.key, index: index))
                }
            })
    }

    /// A list of maps that merges by `key`; a nearer place takes an element out by `absent: true`.
    static func named<Element: SettingsMap>(by key: String) -> Self where Value == [Element] {
        Self(shape: .named(key, Element.entries)) { written in
            guard let entries = written.value.entries else { return written.wrong("a list") }
            return entries.compactMap { entry in
                let name = "\(written.name)[\(PrintableText.line(entry.key))]"
                let map = MapReader(entry.value, name: name, problems: written.map.problems)
                return map.read("absent", .bool) == true ? nil : map.whole()
            }
        }
    }
}

extension SettingKind where Value: SettingsMap {
    /// A map of settings.
    static var map: Self { Self(shape: .map(Value.entries)) { $0.reader.whole() } }
}

extension SettingKind where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One word of a closed list.
    static var choice: Self {
        let words = Value.allCases.map(\.rawValue)
        return Self(shape: .choice(words), text: \.rawValue) { written in
            if let choice = written.value.text.flatMap(Value.init(rawValue:)) { return choice }
            return written.refused(
                "cannot be \(written.value.kind)", hint: Suggestion.hint(for: written.value.text ?? "", among: words))
        }
    }
}

extension SettingKind where Value == Bool {
    /// A truth value, as YAML and Ansible spell them.
    static var bool: Self {
        scalar("true or false", shape: .bool) { text in
            switch text.lowercased() {
            case "true", "yes", "on", "1": true
            case "false", "no", "off", "0": false
            default: nil
            }
        }
    }
}

extension SettingKind where Value == Int {
    /// A whole number.
    static func integer(_ range: ClosedRange<Int>) -> Self {
        let end = range.upperBound == .max ? "" : " to \(range.upperBound)"
        return scalar("a whole number from \(range.lowerBound)\(end)", shape: .integer(range)) {
            Int($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A whole number from `least`.
    static func integer(_ least: PartialRangeFrom<Int>) -> Self { integer(least.lowerBound...Int.max) }

    /// A length of time, in seconds; at most ten years.
    static func span(from least: Int = 0) -> Self {
        let expected = "a length of time such as 30s, 26h or 30d"
        return scalar(
            least == 0 ? expected : expected + ", at least " + TimeSpan.text(least),
            pattern: "^(0|([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?)$", text: TimeSpan.text
        ) { TimeSpan.seconds($0).flatMap { (least...315_360_000).contains($0) ? $0 : nil } }
    }

    /// A number of bytes, with `KiB`, `MiB` or `GiB` where that is shorter.
    static var byteCount: Self {
        let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("", 1)]
        return scalar(
            "a number of bytes such as 512KiB or 1MiB", pattern: "^[0-9]+([KMG]iB)?$",
            text: { bytes in
                let unit = units.first { bytes > 0 && bytes % $0.1 == 0 } ?? ("", 1)
                return "\(bytes / unit.1)\(unit.0)"
            }
        ) { text in
            guard let unit = units.first(where: { text.hasSuffix($0.0) }), let count = Int(text.dropLast(unit.0.count)),
                count >= 0
            else { return nil }
            let (bytes, isTooMuch) = count.multipliedReportingOverflow(by: unit.1)
            return isTooMuch ? nil : bytes
        }
    }

    /// A TCP port.
    static var port: Self {
        scalar("a port", shape: .integer(1...65_535)) { Int($0).flatMap { (1...65_535).contains($0) ? $0 : nil } }
    }
}

extension SettingKind where Value == RebootSettings.Count {
    /// A number of hosts.
    static var count: Self {
        scalar("a number of hosts such as 2, 10% or rest", pattern: "^([0-9]+%?|rest)$", text: \.text) { text in
            if text == "rest" { return .rest }
            if text.hasSuffix("%") {
                return Int(text.dropLast()).flatMap { (1...100).contains($0) ? .percent($0) : nil }
            }
            return Int(text).flatMap { $0 > 0 ? .hosts($0) : nil }
        }
    }
}

extension RebootSettings.Count {
    fileprivate var text: String {
        switch self {
        case .hosts(let count): "\(count)"
        case .percent(let percent): "\(percent)%"
        case .rest: "rest"
        }
    }
}

extension MapReader {
    /// What is wrong with a path on a host as somebody writes it, if anything, and what to write instead.
    package static func fault(ofPath text: String) -> (message: String, hint: String)? {
        if isTemplate(text) { return ("is a template", "Ebb evaluates no templates") }
        if text.hasPrefix("~") { return ("begins with “~”", "write the home directory out") }
        guard text.hasPrefix("/") else { return ("is relative", "begin it with “/”") }
        if text.utf8.contains(0) { return ("holds a NUL byte", "no path can") }
        if text == "/" { return nil }
        if text.hasSuffix("/") { return ("ends with “/”", "write \(text.dropLast())") }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        if parts.contains("") { return ("has an empty component", "write one “/” only") }
        if parts.contains(".") || parts.contains("..") { return ("holds “.” or “..”", "write the path that is meant") }
        return nil
    }
}

extension SettingKind where Value == String {
    /// A text that is not empty.
    static var string: Self { scalar("a text") { $0.isEmpty ? nil : $0 } }

    /// A text that Ebb itself needs, so that it cannot be a template.
    static var plain: Self { named("a text") }

    /// A text of the kind that `expected` says, without templates.
    static func named(_ expected: String, _ isFit: @escaping @Sendable (String) -> Bool = { _ in true }) -> Self {
        scalar(expected) { $0.isEmpty || MapReader.isTemplate($0) || !isFit($0) ? nil : $0 }
    }

    /// A path on a host: absolute, without empty components, `.` or `..`, and without a final slash.
    static var hostPath: Self {
        Self(shape: .text("an absolute path", pattern: "^/")) { written in
            guard let text = written.value.text else { return written.wrong("an absolute path") }
            guard let fault = MapReader.fault(ofPath: text) else { return text }
            return written.refused("“\(PrintableText.line(text))” \(fault.message)", hint: fault.hint)
        }
    }

    /// A mount point beside `/`.
    static var mountPoint: Self {
        scalar("absolute paths of mount points, without “/” itself", pattern: "^/.") {
            $0 == "/" || MapReader.fault(ofPath: $0) != nil ? nil : $0
        }
    }

    /// The name or the number of a user or a group.
    static var account: Self {
        scalar("a name or a number") { text in
            let isFit = text.utf8.allSatisfy { $0 > 32 && $0 != UInt8(ascii: ":") && $0 < 127 }
            return isFit && !text.isEmpty && !text.hasPrefix("-") ? text : nil
        }
    }

    /// A day that exists in the calendar, as text.
    static var day: Self { scalar("a day such as 2027-06-30", pattern: datePattern) { CalendarDate($0)?.description } }

    /// The end of a waiver: its last day (UTC), or an instant with its zone.
    static var end: Self {
        scalar(
            "a day such as 2027-06-30, or an instant such as 2027-06-30T18:00:00Z",
            pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}"
        ) { Waiver.end($0) == nil ? nil : $0 }
    }

    /// An address of the web.
    static var webAddress: Self {
        scalar("an http or https address", pattern: "^https?://") { text in
            let isWeb = text.hasPrefix("https://") || text.hasPrefix("http://")
            return isWeb && text.utf8.allSatisfy { (0x21..<0x7F).contains($0) } ? text : nil
        }
    }

    /// The name of a time zone.
    static var zone: Self {
        Self(shape: .text("a time zone such as Europe/Berlin or UTC", pattern: "^(UTC|.+/.+)$")) { written in
            let value = written.value
            if let text = value.text, WindowSettings.zone(named: text) != nil { return text }
            return written.refused(
                "must be a time zone such as Europe/Berlin or UTC, not \(value.kind)",
                hint: Suggestion.nearest(to: value.text ?? "", among: TimeZone.knownTimeZoneIdentifiers).map {
                    "did you mean “\($0)”?"
                })
        }
    }
}

private let datePattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

extension SettingKind where Value == CalendarDate {
    /// A day of the calendar.
    static var date: Self { scalar("a day such as 2027-06-30", pattern: datePattern) { CalendarDate($0) } }
}

extension SettingKind where Value == TimeOfDay {
    /// A time on the wall clock.
    static var time: Self {
        scalar("a time of day such as \"02:00\"", pattern: "^[0-9]{2}:[0-9]{2}$") { TimeOfDay($0) }
    }
}

extension SettingKind where Value == UInt16 {
    /// Permission bits in octal, quoted or not.
    static var mode: Self {
        scalar("permission bits such as \"0750\"", pattern: "^(0o)?[0-7]{3,4}$") { text in
            let digits = text.hasPrefix("0o") ? text.dropFirst(2) : text[...]
            guard (3...4).contains(digits.count) else { return nil }
            return UInt16(digits, radix: 8)
        }
    }
}

extension SettingKind where Value == Secret {
    /// A text that is never shown.
    static var secret: Self { scalar("a text") { $0.isEmpty || MapReader.isTemplate($0) ? nil : Secret($0) } }

    /// An address of the web that may be a secret itself.
    static var secretAddress: Self {
        let address = SettingKind<String>.webAddress
        return Self(shape: address.shape) { address.read($0).map { Secret($0) } }
    }
}

extension SettingKind where Value == [String: String] {
    /// A map of texts.
    static var texts: Self {
        Self(shape: .texts) { written in
            guard let entries = written.value.entries else { return written.wrong("a map of texts") }
            var texts: [String: String] = [:]
            for entry in entries {
                texts[entry.key] = MapReader.scalar(
                    entry.value, "\(written.name).\(entry.key)", "a text", written.map.problems
                ) { $0 }
            }
            return texts
        }
    }
}
