package import EbbModel

/// The declared paths of a host: its own and those of its presets, targets filled in.
package struct PersistenceSet: Sendable, Hashable {
    /// Sorted by path, each path once.
    package let entries: [PersistenceEntry]
    /// Presets that the catalogue does not know.
    package let unknownPresets: [String]

    /// Expands the settings of a host.
    ///
    /// What a person wrote for a path replaces what a preset says of it; where two presets name a
    /// path, the first one listed counts.
    package init(settings: HostSettings, catalogue: Catalogue = .builtIn) {
        var byPath: [String: PersistenceEntry] = [:]
        var unknown: [String] = []
        for preset in settings.presets {
            guard let entries = catalogue.presets[preset] else {
                unknown.append(preset)
                continue
            }
            for entry in entries where byPath[entry.path] == nil { byPath[entry.path] = entry }
        }
        for entry in settings.persistence { byPath[entry.path] = entry }
        entries = byPath.values.map { entry in
            var entry = entry
            entry.target = settings.target(of: entry)
            return entry
        }.sorted { $0.path < $1.path }
        unknownPresets = unknown
    }
}
