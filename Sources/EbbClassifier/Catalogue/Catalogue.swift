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
        let document = try YAMLDecoder().decode(Document.self, from: yaml)
        entries = document.entries ?? []
        presets = Dictionary(
            uniqueKeysWithValues: (document.presets ?? [:]).map { name, paths in
                (name, paths.map { $0.entry(preset: name) })
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

    /// Adds the globs of the entries, each with its entry's index.
    func insert(into trie: inout PathTrie) {
        for (index, entry) in entries.enumerated() {
            for glob in entry.globs { trie.insert(Array(glob.utf8), kind: .catalogue, rule: Int32(index)) }
        }
    }

    private struct Document: Decodable {
        let entries: [CatalogueEntry]?
        let presets: [String: [PresetPath]]?

        private enum CodingKeys: String, CodingKey, CaseIterable { case entries, presets }

        init(from decoder: any Decoder) throws {
            try KeyCheck.refuseUnknown(in: decoder, known: CodingKeys.allCases.map(\.rawValue))
            let container = try decoder.container(keyedBy: CodingKeys.self)
            entries = try container.decodeIfPresent([CatalogueEntry].self, forKey: .entries)
            presets = try container.decodeIfPresent([String: [PresetPath]].self, forKey: .presets)
        }
    }

    private struct PresetPath: Decodable {
        let path: String
        let mechanism: Mechanism
        let `class`: StateClass
        let target: String?
        let owner: String?
        let group: String?
        /// Octal digits in quotes.
        let mode: String?

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case path, mechanism, `class`, target, owner, group, mode
        }

        init(from decoder: any Decoder) throws {
            try KeyCheck.refuseUnknown(in: decoder, known: CodingKeys.allCases.map(\.rawValue))
            let container = try decoder.container(keyedBy: CodingKeys.self)
            path = try container.decode(String.self, forKey: .path)
            mechanism = try container.decode(Mechanism.self, forKey: .mechanism)
            `class` = try container.decode(StateClass.self, forKey: .class)
            target = try container.decodeIfPresent(String.self, forKey: .target)
            owner = try container.decodeIfPresent(String.self, forKey: .owner)
            group = try container.decodeIfPresent(String.self, forKey: .group)
            mode = try container.decodeIfPresent(String.self, forKey: .mode)
        }

        func entry(preset: String) -> PersistenceEntry {
            PersistenceEntry(
                path: path, mechanism: mechanism, target: target, stateClass: `class`, owner: owner, group: group,
                mode: mode.flatMap { UInt16($0, radix: 8) }, preset: preset)
        }
    }
}
