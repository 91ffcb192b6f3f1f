import EbbModel

/// What the declared paths of a host must be to each other.
struct PathRules {
    let problems: ProblemCollector

    /// Reports paths that overlap, that are kept nowhere, or that lie on persistent storage already.
    func check(_ settings: HostSettings, _ ebb: MapReader) {
        let places = locations(ebb)
        for entry in settings.persistence { checkTarget(entry, settings.persist, places[entry.path]) }
        checkNesting(settings.persistence, places)
        checkSharedTargets(settings, places)
        for storage in settings.persist where storage.mount == "/" {
            problems.error(
                at: ebb.value("persist")?.location, "“/” cannot be persistent storage: it is what a boot erases")
        }
    }

    private func locations(_ ebb: MapReader) -> [String: SourceLocation] {
        let entries = ebb.value("persistence")?.entries ?? []
        return Dictionary(entries.map { ($0.key, $0.value.location) }, uniquingKeysWith: { first, _ in first })
    }

    private func checkTarget(_ entry: PersistenceEntry, _ storages: [PersistentStorage], _ place: SourceLocation?) {
        if entry.path == "/" {
            problems.error(at: place, "“/” cannot be declared: it is what a boot erases")
            return
        }
        if let storage = storages.first(where: { isInside(entry.path, $0.mount) }) {
            problems.error(
                at: place, "\(entry.path) already lies on persistent storage (\(storage.mount))",
                hint: "declare the path that programs use, and this one as its “target”")
            return
        }
        guard entry.mechanism != .dataset else { return }
        if let target = entry.target {
            if target == entry.path {
                problems.error(at: place, "\(entry.path) is its own target")
            } else if !storages.contains(where: { isInside(target, $0.mount) }) {
                problems.error(
                    at: place, "the target \(target) of \(entry.path) lies on no persistent storage",
                    hint: storages.isEmpty
                        ? "declare ebb.persist: [{mount: …}]"
                        : "declared: " + storages.map(\.mount).joined(separator: ", "))
            }
        } else if storages.isEmpty {
            problems.error(
                at: place, "\(entry.path) has no place to be kept",
                hint: "declare ebb.persist: [{mount: /persist}], or give the entry a target")
        }
    }

    private func checkNesting(_ entries: [PersistenceEntry], _ places: [String: SourceLocation]) {
        let sorted = entries.sorted { BytePath($0.path) < BytePath($1.path) }
        for inner in sorted {
            guard let outer = sorted.first(where: inner.isCovered) else { continue }
            let place = places[outer.path].map { " at \($0)" } ?? ""
            problems.error(
                at: places[inner.path], "\(inner.path) lies inside \(outer.path), which is declared already\(place)",
                hint: "keep one of them")
        }
    }

    private func checkSharedTargets(_ settings: HostSettings, _ places: [String: SourceLocation]) {
        var seen: [String: String] = [:]
        for entry in settings.persistence where entry.mechanism != .dataset {
            guard let target = settings.target(of: entry) else { continue }
            if let other = seen.updateValue(entry.path, forKey: target) {
                problems.error(
                    at: places[entry.path], "\(entry.path) and \(other) are both kept at \(target)",
                    hint: "give each a target of its own")
            }
        }
    }

    private func isInside(_ path: String, _ directory: String) -> Bool { BytePath(path).isInside(BytePath(directory)) }
}
