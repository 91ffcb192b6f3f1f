package import EbbModel

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
