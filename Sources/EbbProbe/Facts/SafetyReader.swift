import EbbModel
import FoundationEssentials

/// Reads the answers to `SafetyProbes`, and what the root's identity says of its blank.
enum SafetyReader {
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
    static func snapshots(_ bytes: [UInt8]) -> [SafeDataset]? {
        var datasets: [SafeDataset] = []
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: "\t", maxSplits: 1)
            guard fields.count == 2 else { return nil }
            if fields[0] == "-" {
                datasets.append(SafeDataset(name: String(fields[1]), newest: nil))
            } else if let seconds = Int64(fields[0]), seconds >= 0 {
                let newest = Date(timeIntervalSince1970: Double(seconds))
                datasets.append(SafeDataset(name: String(fields[1]), newest: newest))
            } else {
                return nil
            }
        }
        return datasets
    }

    /// What a boot does that cannot erase the root; `nil` where nothing says so.
    static func eraseGuard(_ bytes: [UInt8], root: Mount?) -> EraseGuard? {
        if let root, ["tmpfs", "ramfs", "rootfs"].contains(root.fileSystem) { return .failsClosed }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
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
