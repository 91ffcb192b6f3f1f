package import EbbModel

/// Asks which package, unit and account stand behind paths.
package enum AttributionProbe {
    package static let name = "attribution"
    /// More paths than a person reads.
    package static let pathLimit = 200

    /// One question for all paths; the answer is read by `AttributionReader`.
    package static func probe(_ paths: [BytePath], limit: Int = 60) -> ProbeScript.Probe {
        let asked = paths.prefix(pathLimit)
        var places: [BytePath] = []
        var seen: Set<BytePath> = []
        for place in asked.flatMap(Self.places) where seen.insert(place).inserted { places.append(place) }
        let script = HostScript(
            PackageResources.attribution_sh, values: ["count": "\(asked.count)"], words: (asked + places).map(\.bytes))
        return ProbeScript.Probe(name: name, shell: script, limit: limit)
    }

    /// The path and the directories that lead to it, as far as one package would own them.
    ///
    /// A package manager takes some bytes for patterns: places that hold them are not asked for.
    static func places(_ path: BytePath) -> [BytePath] {
        var places: [BytePath] = []
        var place = path
        while place.bytes.count(where: { $0 == UInt8(ascii: "/") }) > 1 {
            if !place.bytes.contains(where: { "*?[\\\n:".utf8.contains($0) }) { places.append(place) }
            place = place.parent
        }
        return places
    }
}

/// Who stands behind a path, as far as the host knows.
package struct Attribution: Sendable, Hashable {
    /// The package that owns the path or the nearest directory above it.
    package var package: String?
    /// The unit whose directory it is in.
    package var unit: String?
    package var owner: String?
    package var group: String?
    package var mode: UInt16?
}

/// Reads the answer to `AttributionProbe`.
package enum AttributionReader {
    /// What was learned of each path that was asked for; nothing is learned of an odd answer.
    package static func read(_ output: [UInt8], of paths: [BytePath]) -> [BytePath: Attribution] {
        let fields = output.split(separator: 0, omittingEmptySubsequences: false)
        var accounts: [BytePath: [Substring]] = [:]
        var packages: [BytePath: String] = [:]
        var units: [(directory: BytePath, unit: String)] = []
        var index = 0
        while index + 1 < fields.count {
            let text = String(decoding: fields[index + 1], as: UTF8.self)
            switch String(decoding: fields[index], as: UTF8.self) {
            case "a" where index + 2 < fields.count:
                let account = String(decoding: fields[index + 2], as: UTF8.self)
                accounts[BytePath(bytes: fields[index + 1])] = account.split(
                    separator: "\n", omittingEmptySubsequences: false)
                index += 3
            case "p":
                packages = owners(text)
                index += 2
            case "u":
                units = directories(text)
                index += 2
            default: index += 1
            }
        }
        var result: [BytePath: Attribution] = [:]
        for path in paths {
            var found = Attribution()
            if let words = accounts[path], words.count == 4 {
                found.owner = String(words[0])
                found.group = String(words[1])
                found.mode = UInt16(words[2], radix: 8)
            }
            found.package = AttributionProbe.places(path).lazy.compactMap { packages[$0] }.first
            found.unit = units.first { path.isInside($0.directory) }?.unit
            result[path] = found
        }
        return result
    }

    /// Lines such as `bluez, bluez-obexd: /var/lib/bluetooth`.
    private static func owners(_ text: String) -> [BytePath: String] {
        var owners: [BytePath: String] = [:]
        for line in text.split(separator: "\n") {
            guard let range = line.firstRange(of: ": /"), !line.hasPrefix("diversion ") else { continue }
            let names = line[..<range.lowerBound].split(separator: ",").map {
                // An architecture says nothing here.
                String($0.drop { $0 == " " }.prefix { $0 != ":" })
            }
            // A directory of many packages belongs to none.
            guard names.count <= 3 else { continue }
            let path = BytePath(String(line[line.index(before: range.upperBound)...]))
            owners[path] = names.joined(separator: ", ")
        }
        return owners
    }

    /// Blocks of `Key=value`, one per unit; the deepest directories first.
    private static func directories(_ text: String) -> [(directory: BytePath, unit: String)] {
        let bases = [
            "StateDirectory": "/var/lib/", "CacheDirectory": "/var/cache/", "LogsDirectory": "/var/log/",
            "ConfigurationDirectory": "/etc/",
        ]
        var found: [(directory: BytePath, unit: String)] = []
        for block in text.split(separator: "\n\n") {
            var unit = ""
            var directories: [String] = []
            for line in block.split(separator: "\n") {
                let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2 else { continue }
                if parts[0] == "Id" { unit = parts[1] }
                if let base = bases[parts[0]] { directories += parts[1].split(separator: " ").map { base + $0 } }
            }
            if !unit.isEmpty { found += directories.map { (BytePath($0), unit) } }
        }
        return found.sorted { $0.directory.bytes.count > $1.directory.bytes.count }
    }
}
