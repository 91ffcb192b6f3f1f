import EbbModel
import Foundation

@testable import EbbInventory

/// The declared settings as a JSON Schema, for editors.
enum SettingsSchema {
    /// The schema of an inventory's files: trees of groups, and files of variables.
    static func text() throws -> String {
        let ebb = object(HostSettings.declared.map { $0.entry(nil) })
        var variables = properties(AnsibleVariables.entries)
        for (old, new) in AnsibleVariables.aliases { variables[old] = variables[new] }
        for name in ["ebb_priority", "ansible_group_priority"] {
            variables[name] = [
                "type": ["integer", "null"], "description": "rank among groups of one depth; higher wins",
            ]
        }
        variables["ebb_separate"] = ["type": ["boolean", "null"], "description": "left aside unless it is named"]
        variables["ebb"] = ["$ref": "#/$defs/ebb"]
        variables["ebb_fleet"] = object(FleetSettings.entries)
        let group: [String: Any] = [
            "type": ["object", "null"], "additionalProperties": false,
            "properties": [
                "hosts": map(of: "variables"), "children": map(of: "group"), "vars": ["$ref": "#/$defs/variables"],
            ],
        ]
        var root = variables
        root["all"] = ["$ref": "#/$defs/group"]
        root["ungrouped"] = ["$ref": "#/$defs/group"]
        let schema: [String: Any] = [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A file of an inventory of Ebb's",
            "description": "Made from the settings that are declared in Sources/EbbInventory/Settings.",
            "type": ["object", "null"], "properties": root,
            "$defs": [
                "ebb": ebb, "group": group, "variables": ["type": ["object", "null"], "properties": variables],
            ],
        ]
        let data = try JSONSerialization.data(
            withJSONObject: schema, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    private static func map(of definition: String) -> [String: Any] {
        ["type": ["object", "null"], "additionalProperties": ["$ref": "#/$defs/\(definition)"]]
    }

    private static func object(_ settings: [SettingEntry], _ more: [String: Any] = [:]) -> [String: Any] {
        [
            "type": ["object", "null"], "additionalProperties": false,
            "properties": properties(settings).merging(more) { one, _ in one },
        ]
    }

    private static func properties(_ settings: [SettingEntry]) -> [String: Any] {
        var properties: [String: Any] = [:]
        for setting in settings {
            var schema = schema(setting.shape)
            schema["description"] = setting.doc
            if !setting.standard.isEmpty { schema["markdownDescription"] = markdown(setting) }
            properties[setting.key] = schema
        }
        return properties
    }

    private static func markdown(_ setting: SettingEntry) -> String { "\(setting.doc) (default: \(setting.standard))" }

    private static func schema(_ shape: SettingShape) -> [String: Any] {
        switch shape {
        case .text(_, let pattern):
            guard let pattern else { return ["type": ["string", "number", "boolean", "null"]] }
            // YAML reads some of these texts as numbers.
            func fits(_ text: String) -> Bool { text.range(of: pattern, options: .regularExpression) != nil }
            var schema: [String: Any] = ["type": ["string", "null"], "pattern": pattern]
            if fits("7") || fits("750") {
                schema["type"] = ["string", "integer", "null"]
            } else if fits("0") {
                schema["type"] = ["string", "integer", "null"]
                schema["minimum"] = 0
                schema["maximum"] = 0
            }
            return schema
        case .integer(let range):
            var schema: [String: Any] = [
                "type": ["integer", "string", "null"], "minimum": range.lowerBound, "pattern": "^-?[0-9]+$",
            ]
            if range.upperBound != .max { schema["maximum"] = range.upperBound }
            return schema
        case .bool:
            return [
                "type": ["boolean", "string", "integer", "null"],
                "pattern": "^([Tt]rue|[Yy]es|[Oo]n|[Ff]alse|[Nn]o|[Oo]ff)$", "minimum": 0, "maximum": 1,
            ]
        case .choice(let words): return ["enum": words as [Any] + [NSNull()]]
        case .list(let element):
            let inner = schema(element)
            return ["anyOf": [["type": "array", "items": inner], inner]]
        case .names: return ["type": ["array", "null"], "items": ["type": "string"]]
        case .texts: return ["type": ["object", "null"]]
        case .map(let settings): return object(settings)
        case .named(let key, let settings):
            var element = object(settings, ["absent": schema(.bool)])
            element["type"] = "object"
            element["required"] = [key]
            let needed = settings.filter(\.isNeeded).map(\.key)
            element["anyOf"] = [["required": needed], ["required": ["absent"]]]
            return ["type": ["array", "null"], "items": element]
        case .either(let one, let other): return ["anyOf": [schema(one), schema(other)]]
        }
    }
}
