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
    /// path, the first one listed counts. A target that is not given is the first persistent
    /// storage's mount followed by the path; a dataset is mounted at the path itself.
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
        let storage = settings.persist.first?.mount
        entries = byPath.values.map { entry in
            var entry = entry
            entry.target = entry.target ?? Self.target(of: entry, storage: storage)
            return entry
        }.sorted { $0.path < $1.path }
        unknownPresets = unknown
    }

    private static func target(of entry: PersistenceEntry, storage: String?) -> String? {
        if entry.mechanism == .dataset { return entry.path }
        guard let storage else { return nil }
        return (storage.hasSuffix("/") ? String(storage.dropLast()) : storage) + entry.path
    }
}
