package import EbbModel
package import EbbProbe
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
        var plan = DatasetPlan()
        var made: Set<String> = []
        var seen: Set<String> = []
        let declared = settings.datasets.sorted { $0.name < $1.name }
        let names = Set(declared.map(\.name))
        for dataset in declared {
            guard seen.insert(dataset.name).inserted else {
                plan.decide(dataset.name, .refused("it is declared twice"))
                continue
            }
            if let reason = nameProblem(dataset.name) {
                plan.decide(dataset.name, .refused(reason))
                continue
            }
            if state.entries[dataset.name] == nil {
                for parent in missingParents(of: dataset.name)
                where !names.contains(parent) && made.insert(parent).inserted {
                    let changes = [("canmount", "off"), ("mountpoint", "none")].map {
                        DatasetPlan.Change(property: $0.0, from: nil, to: $0.1)
                    }
                    plan.decide(parent, .create(changes), notes: ["a parent, never mounted"])
                    plan.commands.append(create(parent, changes))
                }
            }
            if decide(dataset, &plan) { decideBlank(dataset, &plan) }
        }
        checkPlaces(&plan)
        checkAges(&plan)
        return plan
    }

    /// Says what happens to a dataset; false where it is refused.
    private func decide(_ dataset: DatasetSettings, _ plan: inout DatasetPlan) -> Bool {
        var wanted = dataset.properties
        if isEphemeral(dataset), wanted[Self.autoSnapshot] == nil { wanted[Self.autoSnapshot] = "false" }
        if isEphemeral(dataset), wanted[Self.autoSnapshot] != "false" {
            plan.find(.autoSnapshot, dataset.name, "\(Self.autoSnapshot) is declared on, though a boot erases it")
        }
        let ordered = wanted.sorted { $0.key < $1.key }
        guard state.entries[dataset.name] != nil else {
            let changes = ordered.map { DatasetPlan.Change(property: $0.key, from: nil, to: $0.value) }
            plan.decide(dataset.name, .create(changes))
            plan.commands.append(create(dataset.name, changes))
            return true
        }
        guard state.value(dataset.name, "type") == "filesystem" else {
            let type = state.value(dataset.name, "type") ?? "unknown"
            plan.decide(dataset.name, .refused("it exists and is a \(type)"))
            return false
        }
        var changes: [DatasetPlan.Change] = []
        for (property, value) in ordered {
            let now = state.entries[dataset.name]?[property]
            let isEqual = Self.isEqual(now?.value, value)
            if Self.oneTime.contains(property) {
                if !isEqual {
                    plan.find(
                        .oneTimeProperty, dataset.name,
                        "\(property) is \(now?.value ?? "-") and can only be "
                            + "\(value) on a dataset made anew; it is left as it is")
                }
                continue
            }
            // An equal value that is inherited would change with its parent.
            if isEqual, now?.source == "local" || now?.source == "received" { continue }
            changes.append(.init(property: property, from: now.map { $0.value }, to: value))
        }
        if changes.isEmpty {
            plan.decide(dataset.name, .nothing)
            return true
        }
        let risky = changes.filter { Self.remounting.contains($0.property) && $0.from != $0.to }
        if state.value(dataset.name, "mounted") == "yes", let first = risky.first {
            plan.decide(
                dataset.name,
                .refused(
                    "it is mounted, and a new \(first.property) would unmount living data: "
                        + "set it while it is not mounted"))
            return false
        }
        let words = changes.map { "\($0.property)=\($0.to)" }
        plan.decide(dataset.name, .set(changes))
        plan.commands.append(RemoteCommand("zfs", arguments: ["set"] + words + [dataset.name]))
        return true
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
                && part.utf8.allSatisfy {
                    Unicode.Scalar($0).properties.isAlphabetic && $0 < 0x80 || "0123456789-_.:".utf8.contains($0)
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

    /// What happens to the blank of a dataset, and what stands in the way of going back to it.
    func decideBlank(_ dataset: DatasetSettings, _ plan: inout DatasetPlan) {
        guard let blank = dataset.blank else { return }
        let name = "\(dataset.name)@\(blank)"
        let isLegal =
            !blank.isEmpty && !blank.utf8.contains { [UInt8(ascii: "@"), UInt8(ascii: "/"), 0x20].contains($0) }
        guard isLegal else { return plan.decide(name, .refused("\(blank) is not a snapshot's name")) }
        for other in similarNames(to: blank, of: dataset.name) {
            plan.find(
                .similarName, name,
                "\(other) contains the blank's name: an initramfs that searches by "
                    + "part of a name would roll it back as well")
        }
        guard state.entries[name] != nil else {
            if recorded[name] != nil { return plan.refuseLost(name) }
            let referenced = state.value(dataset.name, "referenced")
            let notes = referenced.map { ["it will hold the \($0) bytes that \(dataset.name) has then"] }
            plan.decide(name, .snapshot, notes: notes ?? [])
            return plan.commands.append(RemoteCommand("zfs", "snapshot", name))
        }
        checkIdentity(name, &plan)
        checkNewer(than: name, of: dataset.name, &plan)
        plan.decide(name, .nothing)
    }

    private func checkIdentity(_ name: String, _ plan: inout DatasetPlan) {
        let identity = identity(of: name)
        if let known = recorded[name], identity != known {
            plan.find(
                .blankChanged, name,
                "its guid is \(identity?.guid ?? "unknown"), recorded was " + "\(known.guid): somebody made it anew")
        }
    }

    /// What identifies a blank that is there.
    package func identity(of name: String) -> BlankIdentity? {
        guard let guid = state.value(name, "guid") else { return nil }
        return BlankIdentity(guid: guid, createdAt: state.transaction(name))
    }

    private func checkNewer(than blank: String, of dataset: String, _ plan: inout DatasetPlan) {
        let newer = state.snapshots(of: dataset).filter {
            $0 != blank && state.transaction($0) > state.transaction(blank)
        }
        for snapshot in newer {
            if let count = state.value(snapshot, "userrefs").flatMap({ Int($0) }), count > 0 {
                plan.find(
                    .blankBlocked, blank,
                    "the newer \(snapshot) is held (\(count)): the rollback would "
                        + "fail; release it with zfs release")
            }
            if let clones = state.value(snapshot, "clones"), !clones.isEmpty {
                plan.find(
                    .blankBlocked, blank,
                    "the newer \(snapshot) has the clone \(clones): the rollback "
                        + "would fail; promote or destroy the clone")
            }
        }
        if !newer.isEmpty {
            plan.find(.newerSnapshots, blank, "a rollback destroys the newer \(newer.joined(separator: ", "))")
        }
    }

    private func similarNames(to blank: String, of dataset: String) -> [String] {
        state.entries.keys.filter { other in
            guard other.hasPrefix(dataset + "@") || other.hasPrefix(dataset + "/") else { return false }
            // The very same name on a child is rolled back by tools that go down the tree.
            return other != "\(dataset)@\(blank)" && other.contains("@")
                && other.dropFirst(dataset.count).contains(blank)
        }.sorted()
    }

    /// What is kept must not lie below what is erased.
    func checkPlaces(_ plan: inout DatasetPlan) {
        guard let root = settings.root?.dataset else { return }
        let kept = settings.persist.compactMap(\.dataset) + settings.datasets.filter(\.backup).map(\.name)
        for name in Set(kept).sorted() where name == root || name.hasPrefix(root + "/") {
            plan.find(.safeBelowEphemeral, name, "it lies in \(root), which a boot erases")
        }
    }

    /// The newest snapshot of what is backed up must be young.
    func checkAges(_ plan: inout DatasetPlan) {
        guard let limit = settings.compliance.safeSnapshotMaxAge else { return }
        for dataset in settings.datasets where dataset.backup {
            guard state.entries[dataset.name] != nil else { continue }
            let newest = state.snapshots(of: dataset.name).compactMap {
                state.value($0, "creation").flatMap { Double($0) }
            }.max()
            guard let newest else {
                plan.find(.snapshotTooOld, dataset.name, "it is to be backed up and has no snapshot")
                continue
            }
            let age = Int(now.timeIntervalSince1970 - newest)
            if age > limit {
                plan.find(
                    .snapshotTooOld, dataset.name,
                    "its newest snapshot is \(age / 3600) hours old, " + "\(limit / 3600) are allowed")
            }
        }
    }
}

/// What `zfs get` says of a host's pools.
package struct ZFSState: Hashable, Sendable {
    /// A property's value and where it comes from (`local`, `default`, `inherited from …`, `-`).
    package struct Property: Hashable, Sendable {
        package let value: String
        package let source: String
    }

    /// Everything that was asked, by full name (`pool/set`, `pool/set@snapshot`) and property.
    package let entries: [String: [String: Property]]

    /// Properties that every plan needs.
    static let always = [
        "type", "guid", "createtxg", "userrefs", "clones", "creation", "referenced", "mounted", "mountpoint",
        "canmount", "com.sun:auto-snapshot",
    ]

    /// The probe's name.
    package static let probeName = "zfs-datasets"

    /// Asks for all datasets, snapshots and bookmarks of the host.
    package static func probe(for declared: [DatasetSettings]) -> ProbeScript.Probe {
        let wanted = Set(declared.flatMap(\.properties.keys)).subtracting(always)
        let properties = (always + wanted.sorted()).joined(separator: ",")
        return ProbeScript.Probe(
            name: probeName,
            command: RemoteCommand(
                "zfs", "get", "-Hp", "-o", "name,property,value,source", "-t", "filesystem,volume,snapshot,bookmark",
                properties), limit: 120)
    }

    /// Reads the probe's output; throws where a row is not of four fields.
    package init(parsing output: [UInt8]) throws(ProbeGap) {
        var entries: [String: [String: Property]] = [:]
        for row in output.split(separator: UInt8(ascii: "\n")) {
            let fields = row.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
            guard fields.count == 4 else {
                throw ProbeGap(
                    probe: Self.probeName, reason: .unparseable,
                    message: "a row of zfs get has \(fields.count) fields, not four")
            }
            entries[fields[0], default: [:]][fields[1]] = Property(value: fields[2], source: fields[3])
        }
        self.entries = entries
    }

    /// A property's value; `nil` when it is not set or the dataset is not there.
    package func value(_ name: String, _ property: String) -> String? {
        guard let value = entries[name]?[property]?.value, value != "-" else { return nil }
        return value
    }

    /// The snapshots of one dataset, oldest first.
    package func snapshots(of dataset: String) -> [String] {
        entries.keys.filter { $0.hasPrefix(dataset + "@") }.sorted { (transaction($0), $0) < (transaction($1), $1) }
    }

    /// The transaction group in which something was created.
    package func transaction(_ name: String) -> Int64 { value(name, "createtxg").flatMap { Int64($0) } ?? 0 }
}
