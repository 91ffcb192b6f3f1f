import EbbInventory
import EbbModel

/// Reads an inventory out of texts.
func read(_ files: [String: String], presets: [String]? = nil) -> InventoryReader.Reading {
    let context = InventoryContext(directory: "inventory", home: "/home/op", user: "op", presets: presets)
    let values = files.map { InventoryFile(path: $0.key, bytes: Array($0.value.utf8)) }
    return InventoryReader.read(values, context)
}

extension InventoryReader.Reading {
    /// The problems as lines.
    var told: [String] { problems.map(\.description) }

    /// The settings of one host.
    func settings(_ name: String) throws -> HostSettings? { inventory.host(try HostName(name))?.settings }

    /// The names that a pattern chooses.
    func select(_ pattern: String, limit: String? = nil) throws -> [String] {
        func read(_ pattern: String) throws(PatternError) -> HostPattern {
            try HostPattern(pattern) { (file) throws(PatternError) -> String in
                throw PatternError(message: "“@\(file)” cannot be used here", hint: nil)
            }
        }
        return try inventory.hosts(matching: read(pattern), limitedTo: limit.map { try read($0) }).map(\.text)
    }
}
