package import EbbModel
package import FoundationEssentials

/// Text of a host for documents: one line, nothing invisible in it, and not too long.
package enum PrintableLine {
    /// More than a person reads in one cell.
    package static let limit = 1_000

    /// The text, cut behind `limit` characters.
    package static func of(_ text: String, limit: Int = limit) -> String {
        // Escaping at most quadruples the length, so this bounds the work as well.
        let line = PrintableText.line(text.utf8.prefix(limit * 4 + 4))
        guard line.unicodeScalars.count > limit else { return line }
        return String(String.UnicodeScalarView(line.unicodeScalars.prefix(limit - 1))) + "…"
    }

    /// As above, with what the table names written as it says.
    static func of(_ text: String, limit: Int, escaping table: [Unicode.Scalar: String]) -> String {
        of(text, limit: limit).unicodeScalars.reduce(into: "") { escaped, scalar in
            if let other = table[scalar] { escaped += other } else { escaped.unicodeScalars.append(scalar) }
        }
    }
}

/// Bytes in addresses: the only place that escapes them.
package enum PercentEncoding {
    /// The bytes, with every one that is not a letter, a digit, one of `-._~` or kept written as `%NN`.
    package static func of(_ bytes: some Sequence<UInt8>, keeping kept: String = "") -> String {
        let plain = Set("-._~\(kept)".utf8)
        let digits = Array("0123456789ABCDEF".unicodeScalars)
        return bytes.reduce(into: "") { text, byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A,
                _ where plain.contains(byte):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text.unicodeScalars += ["%", digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
    }
}

/// Numbers of bytes for people: exact below 1,000, then three digits and a unit (powers of 1,024).
package enum ByteCount {
    /// Such as `512`, `1.4K`, `37M`; `?` when it is not known.
    package static func text(_ bytes: Int64?) -> String {
        guard let bytes else { return "?" }
        if bytes < 1_000 { return String(bytes) }
        var value = Double(bytes)
        for unit in ["K", "M", "G", "T", "P"] {
            value /= 1_024
            if value < 9.95 { return String(tenths: value) + unit }
            if value < 999.5 { return "\(Int(value.rounded()))" + unit }
        }
        return "\(Int(value.rounded()))P"
    }
}

extension String {
    /// The number with one digit after the point.
    init(tenths value: Double) {
        let tenths = Int((value * 10).rounded())
        self = "\(tenths / 10).\(tenths % 10)"
    }
}

/// Durations and times for people.
package enum TextDuration {
    /// Such as `0.8s`, `42s`, `3m10s`, `2h05m`, `9d`.
    package static func text(_ duration: Duration) -> String {
        let seconds = duration.seconds
        if seconds < 9.95 { return String(tenths: max(0, seconds)) + "s" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole)s" }
        if whole < 3_600 { return "\(whole / 60)m\(padded(whole % 60))s" }
        if whole < 172_800 { return "\(whole / 3_600)h\(padded(whole % 3_600 / 60))m" }
        return "\(whole / 86_400)d"
    }

    /// An instant to the minute, in UTC: `2026-11-25 09:30`.
    package static func minute(_ date: Date) -> String {
        let text = JSONText.instant(date)
        return text.prefix(10) + " " + text.dropFirst(11).prefix(5)
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// Many host names in few words, as cluster administrators write them: `builder[1-3,5],pi1`.
package enum HostFold {
    /// Folds names that differ in one number at their end; the order is by name, then by number.
    package static func folded(_ hosts: [HostName]) -> String {
        var numbers: [String: [(value: Int, digits: Substring)]] = [:]
        var plain: [String] = []
        for host in Set(hosts) {
            let stem = host.text.reversed().drop { $0.isASCII && $0.isNumber }.reversed()
            let digits = host.text.dropFirst(stem.count)
            // A zero in front belongs to the name: `web01` and `web1` are two hosts.
            if let value = Int(digits), digits == "0" || !digits.hasPrefix("0") {
                numbers[String(stem), default: []].append((value, digits))
            } else {
                plain.append(host.text)
            }
        }
        let folded = numbers.map { stem, found in
            let values = found.map(\.value).sorted()
            return values.count == 1 ? "\(stem)\(values[0])" : "\(stem)[\(ranges(values))]"
        }
        return (folded + plain).sorted().joined(separator: ",")
    }

    private static func ranges(_ values: [Int]) -> String {
        var parts: [ClosedRange<Int>] = []
        for value in values {
            if let last = parts.last, last.upperBound + 1 == value {
                parts[parts.count - 1] = last.lowerBound...value
            } else {
                parts.append(value...value)
            }
        }
        return parts.map { part in part.count == 1 ? "\(part.lowerBound)" : "\(part.lowerBound)-\(part.upperBound)" }
            .joined(separator: ",")
    }
}

/// What was added to, or taken from, a text: one hunk, as `diff -u` writes it.
package enum LineDifference {
    /// The difference, or nothing for equal texts.
    package static func text(old: String, new: String, file: String, color: Bool) -> String {
        if old == new { return "" }
        let before = lines(old)
        let after = lines(new)
        var start = 0
        while start < min(before.count, after.count), before[start] == after[start] { start += 1 }
        var end = 0
        while end < min(before.count, after.count) - start,
            before[before.count - 1 - end] == after[after.count - 1 - end]
        { end += 1 }
        let first = max(0, start - 3)
        let tail = min(3, end)
        let removed = before[start..<(before.count - end)]
        let added = after[start..<(after.count - end)]
        let oldCount = start - first + removed.count + tail
        let newCount = start - first + added.count + tail
        var text = TextRole.heading.paint("--- \(file)\n+++ \(file)", color: color) + "\n"
        text += "@@ -\(before.isEmpty ? 0 : first + 1),\(oldCount) +\(first + 1),\(newCount) @@\n"
        for line in before[first..<start] { text += " " + PrintableText.line(line) + "\n" }
        for line in removed { text += TextRole.bad.paint("-" + PrintableText.line(line), color: color) + "\n" }
        for line in added { text += TextRole.good.paint("+" + PrintableText.line(line), color: color) + "\n" }
        for line in before[(before.count - end)..<(before.count - end + tail)] {
            text += " " + PrintableText.line(line) + "\n"
        }
        return text
    }

    private static func lines(_ text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
