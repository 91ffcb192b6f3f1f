import EbbModel
import FoundationEssentials

/// What protects a host: its blank, snapshots of what is kept, and the erasing itself.
///
/// A host is asked only what concerns it, and no answer is an answer: the fact stays unknown.
extension FactReader {
    static func safetyQuestions(for settings: HostSettings) -> [FactQuestion] {
        var questions: [FactQuestion] = []
        let safe = safeDatasets(of: settings)
        if !safe.isEmpty {
            let script = HostScript(PackageResources.safe_snapshots_sh, words: safe)
            questions.append(
                FactQuestion("safe-snapshots", script) { (answer, facts) throws(ProbeGap) in
                    guard let found = snapshots(try answer.text()) else { throw answer.odd("not a list of snapshots") }
                    // One that could not be asked leaves the whole unknown: it may be the oldest.
                    if Set(found.map(\.name)).isSuperset(of: safe) { facts.safeSnapshots = found }
                })
        }
        if let root = settings.root, root.strategy == .btrfs, let top = root.top, let blank = root.blank {
            let script = HostScript(PackageResources.blank_state_sh, values: ["top": top, "blank": blank])
            questions.append(
                FactQuestion("blank-state", script, limit: 90) { (answer, facts) throws(ProbeGap) in
                    guard let line = try answer.word() else { return }
                    var words = line.split(separator: " ", maxSplits: 2)[...]
                    guard let generation = words.popFirst().flatMap({ Int64($0) }) else {
                        throw answer.odd("not a generation")
                    }
                    let newest = words.first?.hasPrefix("@") == true ? words.popFirst()?.dropFirst() : nil
                    facts.blankState = BlankState(
                        generation: generation, newest: newest.map(String.init),
                        changed: words.isEmpty ? nil : words.joined(separator: " "))
                })
        }
        if let root = settings.root, root.strategy != .none {
            // Of an overlay the guard has its setting beside those of whatever lays it.
            let files =
                root.strategy == .overlay
                ? ["/etc/overlayroot.local.conf", "/etc/default/grub.d/90-ebb-erase.cfg"]
                : settings.persist.map { "\($0.mount)/.ebb/erase.conf" }
            let script = HostScript(PackageResources.erase_guard_sh, words: files)
            questions.append(
                FactQuestion("erase-guard", script) { (answer, facts) throws(ProbeGap) in
                    facts.eraseGuard = eraseGuard(try answer.text(), root: MountTable(facts.mounts).root)
                })
        }
        return questions
    }

    /// The ZFS datasets that the inventory says are backed up.
    private static func safeDatasets(of settings: HostSettings) -> [String] {
        let isOnPool = settings.persist.contains { $0.dataset?.contains("/") == true }
        guard settings.root?.strategy == .zfs || isOnPool else { return [] }
        return settings.datasets.filter(\.backup).map(\.name).sorted()
    }

    /// The guid of the blank's snapshot, the UUID of the subvolume that the root was made from, or the
    /// mark of the directory that it was copied from.
    static func blank(rootIdentity: String?) -> String? {
        guard let words = rootIdentity?.split(separator: " ") else { return nil }
        let key: String
        switch words.first {
        case "zfs": key = "guid="
        case "btrfs": key = "parent="
        case "ext4", "tmpfs": key = "blank="
        default: return nil
        }
        guard let word = words.first(where: { $0.hasPrefix(key) }) else { return nil }
        let identity = word.dropFirst(key.count)
        return identity.isEmpty || identity == "-" ? nil : String(identity)
    }

    /// `creation⇥dataset` per line; a dataset without its line could not be asked.
    private static func snapshots(_ text: String) -> [SafeDataset]? {
        var datasets: [SafeDataset] = []
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: "\t", maxSplits: 1)
            guard fields.count == 2 else { return nil }
            let seconds = Int64(fields[0])
            guard fields[0] == "-" || (seconds ?? -1) >= 0 else { return nil }
            let newest = seconds.map { Date(timeIntervalSince1970: Double($0)) }
            datasets.append(SafeDataset(name: String(fields[1]), newest: newest))
        }
        return datasets
    }

    /// What a boot does that cannot erase the root; `nil` where nothing says so.
    static func eraseGuard(_ text: String, root: Mount?) -> EraseGuard? {
        if let root, ["tmpfs", "ramfs", "rootfs"].contains(root.fileSystem) { return .failsClosed }
        let lines = text.split(separator: "\n")
        let isSkipped = lines.contains { $0 == "skipped" || $0.hasPrefix("mark failed") }
        if isSkipped { return .failsOpen }
        if lines.contains("dracut") { return .failsClosed }
        // The settings alone prove nothing: the script that reads them must have run.
        guard lines.contains(where: { $0.hasPrefix("mark erased") }),
            let settings = lines.first(where: { $0.hasPrefix("settings") })
        else { return nil }
        return settings.hasSuffix("=stop") || settings.hasSuffix("='stop'") ? .failsClosed : .failsOpen
    }
}
