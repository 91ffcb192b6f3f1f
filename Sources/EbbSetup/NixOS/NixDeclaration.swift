import EbbInventory
package import EbbModel
import FoundationEssentials

/// What a NixOS configuration declares as persistent, read from `nix eval --json`.
///
/// Both `environment.persistence` (impermanence) and `preservation` are understood, as the modules
/// leave them after evaluation. The configuration stays the one source: this is what an inventory
/// says beside it, so that Ebb can verify it.
package struct NixDeclaration: Hashable, Sendable {
    /// Storages by mount point, sorted.
    package let storages: [PersistentStorage]
    /// The declared paths, sorted.
    package let entries: [PersistenceEntry]
    /// What was passed over, each one sentence.
    package let notes: [String]

    /// Reads the document; throws where it is none of the two shapes.
    package init(parsing document: [UInt8]) throws(EraseRefusal) {
        let whole: Value
        do { whole = try JSONDecoder().decode(Value.self, from: Data(document)) } catch {
            throw EraseRefusal(message: "it is not JSON: \(error)")
        }
        guard case .object(let outer) = whole else { throw EraseRefusal(message: "it is not an object of storages") }
        let stores: [String: Value]
        if case .object(let inner)? = outer["preserveAt"] { stores = inner } else { stores = outer }
        guard !stores.isEmpty, stores.values.allSatisfy({ $0.object != nil }),
            stores.allSatisfy({ $0.key.hasPrefix("/") || $0.value["persistentStoragePath"] != nil })
        else {
            throw EraseRefusal(
                message: "it is neither environment.persistence nor preservation: its members are " + "no storages")
        }
        var entries: [String: PersistenceEntry] = [:]
        var notes: [String] = []
        var mounts: Set<String> = []
        for (name, store) in stores.sorted(by: { $0.key < $1.key }) {
            if store["enable"] == .bool(false) { continue }
            let mount = store["persistentStoragePath"]?.text ?? name
            mounts.insert(mount)
            var groups: [(value: Value?, home: String?)] = [(store, nil)]
            for (user, value) in (store["users"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
                groups.append((value, value["home"]?.text ?? "/home/\(user)"))
            }
            for (value, home) in groups {
                let items =
                    (value?["directories"]?.array ?? []).map { ($0, "directory", "dirPath") }
                    + (value?["files"]?.array ?? []).map { ($0, "file", "filePath") }
                for (item, key, full) in items {
                    guard let entry = Self.entry(item, key, full, home: home, storage: mount) else {
                        notes.append("an entry of \(mount) without a path was passed over")
                        continue
                    }
                    entries[entry.path] = entry
                }
            }
        }
        storages = mounts.sorted().map { PersistentStorage(mount: $0) }
        self.entries = entries.values.sorted { $0.path < $1.path }
        self.notes = notes
    }

    private static func entry(_ item: Value, _ key: String, _ full: String, home: String?, storage: String)
        -> PersistenceEntry?
    {
        guard var path = item[full]?.text ?? item[key]?.text ?? item.text else { return nil }
        if !path.hasPrefix("/") {
            guard let home else { return nil }
            path = home + "/" + path
        }
        let way = item["how"]?.text ?? item["method"]?.text
        return PersistenceEntry(
            path: path, mechanism: way == "symlink" ? .symlink : .bind,
            target: (item["persistentStoragePath"]?.text ?? storage) + path, owner: item["user"]?.text,
            group: item["group"]?.text, mode: item["mode"]?.text.flatMap { UInt16($0, radix: 8) })
    }

    /// The declaration as a host's settings in the inventory.
    package var yaml: String {
        var lines = ["ebb:", "  persist:"]
        lines += storages.map { "    - {mount: \(YAMLText.quoted($0.mount))}" }
        lines.append("  persistence:")
        for entry in entries {
            var fields = ["path: \(YAMLText.quoted(entry.path))", "mechanism: \(entry.mechanism.rawValue)"]
            if let target = entry.target { fields.append("target: \(YAMLText.quoted(target))") }
            if let owner = entry.owner { fields.append("owner: \(YAMLText.quoted(owner))") }
            if let group = entry.group { fields.append("group: \(YAMLText.quoted(group))") }
            if let mode = entry.mode {
                let digits = String(mode, radix: 8)
                let zeros = String(repeating: "0", count: max(0, 4 - digits.count))
                fields.append("mode: \"\(zeros)\(digits)\"")
            }
            lines.append("    - {\(fields.joined(separator: ", "))}")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Any JSON value.
    private enum Value: Decodable, Equatable {
        case object([String: Value])
        case array([Value])
        case text(String)
        case bool(Bool)
        case other

        init(from decoder: any Decoder) throws {
            let single = try decoder.singleValueContainer()
            if let object = try? single.decode([String: Value].self) {
                self = .object(object)
            } else if let array = try? single.decode([Value].self) {
                self = .array(array)
            } else if let text = try? single.decode(String.self) {
                self = .text(text)
            } else if let bool = try? single.decode(Bool.self) {
                self = .bool(bool)
            } else {
                self = .other
            }
        }

        var object: [String: Value]? { if case .object(let object) = self { object } else { nil } }
        var array: [Value]? { if case .array(let array) = self { array } else { nil } }
        var text: String? { if case .text(let text) = self { text } else { nil } }
        subscript(_ key: String) -> Value? { object?[key] }
    }
}
