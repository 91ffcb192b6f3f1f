import EbbModel

/// What is erased, what is kept, and what may be lost.
struct StateDecoder {
    let context: InventoryContext
    let problems: ProblemCollector

    /// The elements of a list that merged by name, without those that a nearer place took out.
    func named<Element>(
        _ map: MapReader, _ key: String, _ decode: (MapReader) -> Element?
    ) -> [Element] {
        guard let value = map.value(key) else { return [] }
        guard let entries = value.entries else {
            map.wrong(key, value, "a list")
            return []
        }
        return entries.compactMap { entry in
            let name = "\(map.path(key))[\(PrintableText.line(entry.key))]"
            let reader = MapReader(entry.value, name: name, problems: problems)
            if reader.bool("absent") == true { return nil }
            defer { reader.finish() }
            return decode(reader)
        }
    }

    func presets(_ ebb: MapReader) -> [String] {
        guard let value = ebb.value("presets") else { return [] }
        guard let entries = value.entries else {
            ebb.wrong("presets", value, "a list of names")
            return []
        }
        return entries.compactMap { entry in
            if let known = context.presets, !known.contains(entry.key) {
                problems.error(
                    at: entry.value.location,
                    "no preset is called “\(PrintableText.line(entry.key))”",
                    hint: Suggestion.hint(for: entry.key, among: known))
                return nil
            }
            return entry.value.text?.hasPrefix("!") == true ? nil : entry.key
        }
    }

    func root(_ map: MapReader) -> RootSettings? {
        defer { map.finish() }
        let strategy: Strategy? = map.choice("strategy")
        if strategy == nil {
            map.missing("strategy", hint: "zfs, btrfs, overlay, tmpfs, mkfs or none")
        }
        var root = RootSettings(strategy: strategy ?? .none)
        root.dataset = map.string("dataset")
        root.blank = map.string("blank")
        root.top = map.hostPath("top")
        root.subvolume = map.string("subvolume")
        root.lower = map.hostPath("lower")
        root.erases = erases(map)
        guard let strategy else { return nil }
        let needed: [String]
        let allowed: [String]
        switch strategy {
        case .zfs: (needed, allowed) = (["dataset", "blank"], [])
        case .btrfs: (needed, allowed) = (["top", "subvolume", "blank"], [])
        case .overlay: (needed, allowed) = ([], ["lower"])
        case .mkfs: (needed, allowed) = ([], ["blank"])
        case .tmpfs: (needed, allowed) = ([], ["blank"])
        // A host on its way to an ephemeral root may say already what it will become.
        case .none: (needed, allowed) = ([], ["dataset", "blank", "top", "subvolume", "lower"])
        }
        for key in needed {
            map.missing(key, hint: "strategy \(strategy.rawValue) needs it to find the blank")
        }
        for key in ["dataset", "blank", "top", "subvolume", "lower"]
        where !needed.contains(key) && !allowed.contains(key) {
            guard let value = map.value(key) else { continue }
            problems.error(
                at: value.location,
                "\(map.path(key)) means nothing for strategy \(strategy.rawValue)",
                hint: "remove it, or correct the strategy")
        }
        return root
    }

    /// Mount points beside `/` that the boot erases.
    private func erases(_ map: MapReader) -> [String] {
        (map.list("erases", orOne: true) ?? []).compactMap { value in
            MapReader.scalar(
                value, map.path("erases"), "absolute paths of mount points, without “/” itself",
                problems
            ) { $0 == "/" || MapReader.fault(ofPath: $0) != nil ? nil : $0 }
        }
    }

    func storage(_ map: MapReader) -> PersistentStorage? {
        let dataset = map.string("dataset")
        map.missing("mount")
        guard let mount = map.hostPath("mount") else { return nil }
        return PersistentStorage(mount: mount, dataset: dataset)
    }

    func entry(_ map: MapReader) -> PersistenceEntry? {
        map.missing("path")
        let mechanism: Mechanism? = map.choice("mechanism")
        if mechanism == nil {
            map.missing("mechanism", hint: "symlink, bind, dataset or config")
        }
        let stateClass: StateClass = map.choice("class") ?? .unknown
        let entry = PersistenceEntry(
            path: map.hostPath("path") ?? "", mechanism: mechanism ?? .bind,
            target: map.hostPath("target"), stateClass: stateClass, owner: map.account("owner"),
            group: map.account("group"), mode: map.mode("mode"))
        return mechanism == nil || entry.path.isEmpty ? nil : entry
    }

    func acceptance(_ map: MapReader) -> Acceptance? {
        map.missing("path")
        let reason = map.requiredString("reason", hint: "why may it be lost?")
        let author = map.requiredString("by", hint: "who decided it?")
        let until = map.day("until")
        guard let path = map.hostPath("path"), let reason, let author else { return nil }
        return Acceptance(path: path, reason: reason, by: author, until: until)
    }

    func dataset(_ map: MapReader) -> DatasetSettings? {
        let name = map.requiredString("name")
        let backup = map.bool("backup")
        if backup == nil {
            map.missing("backup", hint: "true where it must be backed up, false where never")
        }
        let blank = map.string("blank")
        var properties: [String: String] = [:]
        if let value = map.value("properties") {
            guard let entries = value.entries else {
                map.wrong("properties", value, "a map of texts")
                return nil
            }
            for entry in entries {
                properties[entry.key] = MapReader.scalar(
                    entry.value, "\(map.path("properties")).\(entry.key)", "a text", problems
                ) { $0 }
            }
        }
        guard let name, let backup else { return nil }
        return DatasetSettings(name: name, backup: backup, blank: blank, properties: properties)
    }

    func waiver(_ map: MapReader) -> Waiver? {
        let control: Control? = map.choice("control")
        let reason = map.requiredString("reason", hint: "why is it waived?")
        let author = map.requiredString("by", hint: "who decided it?")
        let until = map.end("until")
        if until == nil { map.missing("until", hint: "a waiver ends on a day or at an instant") }
        guard let control, let reason, let author, let until else { return nil }
        return Waiver(control: control, reason: reason, by: author, until: until)
    }
}
