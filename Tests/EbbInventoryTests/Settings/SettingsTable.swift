import EbbModel

@testable import EbbInventory

/// The declared settings as tables of `docs/inventory.md`.
enum SettingsTable {
    /// Every table by the name that marks its place.
    static var all: [String: String] {
        let ebb = HostSettings.declared.map { $0.entry(nil) }
        let reboot = RebootSettings.entries
        func inside(_ key: String, of settings: [SettingEntry]) -> [SettingEntry] {
            settings.first { $0.key == key }.map { fields($0.shape) } ?? []
        }
        var tables = [
            "ansible": table(AnsibleVariables.entries), "ebb": table(ebb, prefix: "ebb."), "reboot": table(reboot),
            "ebb_fleet": table(FleetSettings.entries), "notify": table(inside("notify", of: FleetSettings.entries)),
        ]
        for key in ["root", "persist", "persistence", "accept", "datasets", "compliance"] {
            tables[key] = table(inside(key, of: ebb))
        }
        tables["waivers"] = table(inside("waivers", of: inside("compliance", of: ebb)))
        for key in ["health", "safety_copy", "windows", "blackouts", "quorum"] {
            tables[key] = table(inside(key, of: reboot))
        }
        return tables
    }

    private static func fields(_ shape: SettingShape) -> [SettingEntry] {
        switch shape {
        case .map(let settings), .named(_, let settings): settings
        case .list(let element), .either(_, let element): fields(element)
        case .text, .integer, .bool, .choice, .names, .texts: []
        }
    }

    private static func table(_ settings: [SettingEntry], prefix: String = "") -> String {
        let rows = settings.map { setting in
            let standard = setting.isNeeded ? "needed" : setting.standard
            return "| `\(prefix)\(setting.key)` | \(words(setting.shape)) | \(standard) | \(setting.doc) |"
        }
        return (["| key | holds | default | meaning |", "| --- | --- | --- | --- |"] + rows).joined(separator: "\n")
    }

    private static func words(_ shape: SettingShape) -> String {
        switch shape {
        case .text(let expected, _):
            // Messages give examples; a table has no room for them.
            expected.replacing(#/ such as [^,]*(, [^,]* or [^,]*)?/#, with: "")
        case .integer(let range):
            range.upperBound == .max
                ? "a number from \(range.lowerBound)" : "a number from \(range.lowerBound) to \(range.upperBound)"
        case .bool: "`true` or `false`"
        case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .list(.map), .list(.either): "a list"
        case .list(let element): "a list: \(words(element))"
        case .names: "a list of names"
        case .texts: "a map of texts"
        case .map: "a map"
        case .named(let key, _): "a list, by `\(key)`"
        case .either(let one, let other): "\(words(one)), or \(words(other))"
        }
    }
}
