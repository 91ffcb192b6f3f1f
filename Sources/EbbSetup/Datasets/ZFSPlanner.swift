package import EbbModel
package import FoundationEssentials

/// Compares the declared datasets of a ZFS host with what it has.
package struct ZFSPlanner: Sendable {
    let settings: HostSettings
    let state: ZFSState
    /// Blanks as they were recorded, by full name.
    let recorded: [String: BlankIdentity]
    let now: Date

    package init(settings: HostSettings, state: ZFSState, recorded: [String: BlankIdentity] = [:], now: Date) {
        (self.settings, self.state, self.recorded, self.now) = (settings, state, recorded, now)
    }

    /// Properties that hold from a dataset's creation on, or never.
    static let oneTime: Set<String> = [
        "encryption", "casesensitivity", "utf8only", "normalization", "volblocksize", "pbkdf2iters", "pbkdf2salt",
        "keyformat",
    ]
    /// Properties that take effect at once on a mounted dataset, by unmounting it.
    static let remounting: Set<String> = ["mountpoint", "canmount"]
    static let autoSnapshot = "com.sun:auto-snapshot"

    /// The plan: the same for the same input.
    package func plan() -> DatasetPlan {
        var items: [DatasetPlan.Item] = []
        var findings: [DatasetPlan.Finding] = []
        var commands: [RemoteCommand] = []
        var made: Set<String> = []
        var seen: Set<String> = []
        let declared = settings.datasets.sorted { $0.name < $1.name }
        let names = Set(declared.map(\.name))
        for dataset in declared {
            guard seen.insert(dataset.name).inserted else {
                items.append(.init(dataset.name, .refused("it is declared twice")))
                continue
            }
            if let reason = nameProblem(dataset.name) {
                items.append(.init(dataset.name, .refused(reason)))
                continue
            }
            if state.entries[dataset.name] == nil {
                for parent in missingParents(of: dataset.name)
                where !names.contains(parent) && made.insert(parent).inserted {
                    let changes = [("canmount", "off"), ("mountpoint", "none")].map {
                        DatasetPlan.Change(property: $0.0, from: nil, to: $0.1)
                    }
                    items.append(.init(parent, .create(changes), notes: ["a parent, never mounted"]))
                    commands.append(create(parent, changes))
                }
            }
            let (item, command) = decide(dataset, findings: &findings)
            items.append(item)
            if let command { commands.append(command) }
            if case .refused = item.decision { continue }
            if let blank = decideBlank(dataset, findings: &findings) {
                items.append(blank)
                if blank.decision == .snapshot { commands.append(RemoteCommand("zfs", "snapshot", blank.name)) }
            }
        }
        checkPlaces(&findings)
        checkAges(&findings)
        return DatasetPlan(items: items, findings: findings, commands: commands)
    }

    private func decide(_ dataset: DatasetSettings, findings: inout [DatasetPlan.Finding]) -> (
        DatasetPlan.Item, RemoteCommand?
    ) {
        var wanted = dataset.properties
        if isEphemeral(dataset), wanted[Self.autoSnapshot] == nil { wanted[Self.autoSnapshot] = "false" }
        if isEphemeral(dataset), wanted[Self.autoSnapshot] != "false" {
            findings.append(
                .init(
                    code: .autoSnapshot, name: dataset.name,
                    message: "\(Self.autoSnapshot) is declared on, though a boot erases it"))
        }
        let ordered = wanted.sorted { $0.key < $1.key }
        guard state.entries[dataset.name] != nil else {
            let changes = ordered.map { DatasetPlan.Change(property: $0.key, from: nil, to: $0.value) }
            return (.init(dataset.name, .create(changes)), create(dataset.name, changes))
        }
        guard state.value(dataset.name, "type") == "filesystem" else {
            let type = state.value(dataset.name, "type") ?? "unknown"
            return (.init(dataset.name, .refused("it exists and is a \(type)")), nil)
        }
        var changes: [DatasetPlan.Change] = []
        for (property, value) in ordered {
            let now = state.entries[dataset.name]?[property]
            let isEqual = Self.isEqual(now?.value, value)
            if Self.oneTime.contains(property) {
                if !isEqual {
                    findings.append(
                        .init(
                            code: .oneTimeProperty, name: dataset.name,
                            message: "\(property) is \(now?.value ?? "-") and can only be "
                                + "\(value) on a dataset made anew; it is left as it is"))
                }
                continue
            }
            // An equal value that is inherited would change with its parent.
            if isEqual, now?.source == "local" || now?.source == "received" { continue }
            changes.append(.init(property: property, from: now.map { $0.value }, to: value))
        }
        if changes.isEmpty { return (.init(dataset.name, .nothing), nil) }
        let risky = changes.filter { Self.remounting.contains($0.property) && $0.from != $0.to }
        if state.value(dataset.name, "mounted") == "yes", let first = risky.first {
            return (
                .init(
                    dataset.name,
                    .refused(
                        "it is mounted, and a new \(first.property) would unmount living data: "
                            + "set it while it is not mounted")), nil
            )
        }
        let words = changes.map { "\($0.property)=\($0.to)" }
        return (.init(dataset.name, .set(changes)), RemoteCommand("zfs", arguments: ["set"] + words + [dataset.name]))
    }

    private func create(_ name: String, _ changes: [DatasetPlan.Change]) -> RemoteCommand {
        let options = changes.flatMap { ["-o", "\($0.property)=\($0.to)"] }
        return RemoteCommand("zfs", arguments: ["create", "-u"] + options + [name])
    }

    private func isEphemeral(_ dataset: DatasetSettings) -> Bool {
        dataset.blank != nil || dataset.name == settings.root?.dataset
    }

    private func missingParents(of name: String) -> [String] {
        let parts = name.split(separator: "/")
        return (1..<max(1, parts.count)).map { parts[..<$0].joined(separator: "/") }.filter { state.entries[$0] == nil }
    }

    private func nameProblem(_ name: String) -> String? {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isLegal = parts.allSatisfy { part in
            !part.isEmpty && part != "." && part != ".."
                && part.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                        UInt8(ascii: ":"):
                        true
                    default: false
                    }
                }
        }
        guard isLegal, name.utf8.count < 256, name.first?.isLetter == true else { return "it is not a dataset's name" }
        guard state.entries[String(parts[0])] != nil else { return "the host has no pool \(parts[0]); Ebb makes none" }
        return nil
    }

    /// Whether two spellings mean the same: `128K` and `131072` do.
    static func isEqual(_ left: String?, _ right: String) -> Bool {
        guard let left else { return false }
        return left == right || (bytes(left) != nil && bytes(left) == bytes(right)) || (left == "0" && right == "none")
            || (left == "none" && right == "0")
    }

    private static func bytes(_ text: String) -> Int64? {
        let digits = text.prefix { $0.isNumber }
        guard let number = Int64(digits) else { return nil }
        let suffix = text.dropFirst(digits.count).uppercased()
        guard let power = ["", "K", "M", "G", "T", "P"].firstIndex(of: String(suffix.prefix(1))), suffix.count <= 2,
            suffix.count < 2 || suffix.hasSuffix("B")
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: 1 << (10 * Int64(power)))
        return overflow ? nil : product
    }
}
