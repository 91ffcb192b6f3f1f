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
