package import EbbModel
import Yams

/// What is known about paths that hold state, and ready-made persistence sets.
package struct Catalogue: Sendable, Hashable {
    /// In order: of two entries for one place the first one wins.
    package let entries: [CatalogueEntry]
    /// Declared paths by the preset's name.
    package let presets: [String: [PersistenceEntry]]

    package init(entries: [CatalogueEntry], presets: [String: [PersistenceEntry]] = [:]) {
        (self.entries, self.presets) = (entries, presets)
    }

    /// Reads a catalogue; throws Yams' or Swift's decoding error, which names the place.
    package init(yaml: String) throws {
        let document = try YAMLDecoder().decode(Checked<Document>.self, from: yaml).value
        entries = (document.entries ?? []).map(\.value)
        presets = Dictionary(
            uniqueKeysWithValues: (document.presets ?? [:]).map { name, paths in
                (name, paths.map { $0.value.entry(preset: name) })
            })
    }

    /// The catalogue that Ebb is built with.
    ///
    /// A test reads it, so an empty one is not shipped.
    package static let builtIn: Catalogue = {
        let text = String(decoding: PackageResources.catalogue_yml, as: UTF8.self)
        return (try? Catalogue(yaml: text)) ?? Catalogue(entries: [])
    }()

    /// This catalogue with a user's entries before its own, and a user's presets in place of its own.
    package func extended(by other: Catalogue) -> Catalogue {
        Catalogue(entries: other.entries + entries, presets: presets.merging(other.presets) { _, new in new })
    }

    /// The preset that declares a path, by the path; of several the first by name.
    var presetsByPath: [String: String] {
        var names: [String: String] = [:]
        for (name, paths) in presets.sorted(by: { $0.key > $1.key }) { for entry in paths { names[entry.path] = name } }
        return names
    }

    /// Where a write may be tried for a path, as far as the entries say so of it or of a directory above it.
    func writeTest(of path: String) -> WriteTestPlace? {
        var above = BytePath(path)
        var paths: [String] = []
        while above != BytePath("/"), let text = above.text {
            paths.append(text)
            above = above.parent
        }
        for entry in entries {
            guard let place = entry.writeTest else { continue }
            let globs = entry.globs.map { Glob($0.utf8) }
            if globs.contains(where: { glob in paths.contains { glob.matches($0) } }) { return place }
        }
        return nil
    }

    /// Adds the globs of the entries, each with its entry's index.
    func insert(into trie: inout PathTrie) {
        for (index, entry) in entries.enumerated() {
            for glob in entry.globs { trie.insert(Array(glob.utf8), kind: .catalogue, rule: Int32(index)) }
        }
    }

    private struct Document: Keyed {
        let entries: [Checked<CatalogueEntry>]?
        let presets: [String: [Checked<PresetPath>]]?

        enum CodingKeys: String, CodingKey, CaseIterable { case entries, presets }
    }

    private struct PresetPath: Keyed {
        let path: String
        let mechanism: Mechanism
        let `class`: StateClass
        let target: String?
        let owner: String?
        let group: String?
        /// Octal digits in quotes.
        let mode: String?

        enum CodingKeys: String, CodingKey, CaseIterable { case path, mechanism, `class`, target, owner, group, mode }

        func entry(preset: String) -> PersistenceEntry {
            PersistenceEntry(
                path: path, mechanism: mechanism, target: target, stateClass: `class`, owner: owner, group: group,
                mode: mode.flatMap { UInt16($0, radix: 8) }, preset: preset)
        }
    }
}

/// What the catalogue knows about some paths.
package struct CatalogueEntry: Sendable, Hashable, Keyed {
    package let id: String
    /// Globs; `~` is `/root` and every directory in `/home`.
    package let paths: [String]
    /// One line for a person.
    package let what: String
    let stateClass: StateClass
    /// How to keep it, where there is a good way.
    let mechanism: Mechanism?
    /// The directory to keep instead of the path itself.
    let adopt: String?
    private let verdict: Verdict?
    /// Where a write may be tried, where that is not for the class to say.
    let writeTest: WriteTestPlace?

    /// The catalogue can call a path noise, and nothing better.
    private enum Verdict: String, Decodable { case noise }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, paths, what, mechanism, adopt, verdict
        case stateClass = "class"
        case writeTest = "write_test"
    }

    /// Whether nothing is lost with it.
    var isNoise: Bool { verdict == .noise }

    /// The globs with `~` written out.
    package var globs: [String] {
        paths.flatMap { path in path.hasPrefix("~/") ? ["/root", "/home/*"].map { $0 + path.dropFirst() } : [path] }
    }
}

/// What is read from a map whose keys are all known.
protocol Keyed: Decodable { associatedtype CodingKeys: CodingKey & CaseIterable }

/// A value whose map has no unknown key: a misspelt one would be ignored silently.
private struct Checked<Value: Keyed>: Decodable {
    let value: Value

    private struct Key: CodingKey {
        let stringValue: String
        let intValue: Int? = nil

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let known = Value.CodingKeys.allCases.map(\.stringValue)
        if let odd = try decoder.container(keyedBy: Key.self).allKeys.first(where: { !known.contains($0.stringValue) })
        {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "has no key “\(odd.stringValue)”, only: " + known.joined(separator: ", ")))
        }
        value = try Value(from: decoder)
    }
}
