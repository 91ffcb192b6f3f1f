package import EbbModel

/// Compares the declared subvolumes of a btrfs host with what it has.
package struct BtrfsPlanner: Sendable {
    let settings: HostSettings
    let state: BtrfsState
    /// Blanks as they were recorded, by path below the top level.
    let recorded: [String: BlankIdentity]

    package init(settings: HostSettings, state: BtrfsState, recorded: [String: BlankIdentity] = [:]) {
        (self.settings, self.state, self.recorded) = (settings, state, recorded)
    }

    /// The plan: the same for the same input.
    ///
    /// A dataset's name is its path below `top`; its blank is a path below `top` as well.
    package func plan() -> DatasetPlan {
        var items: [DatasetPlan.Item] = []
        var findings: [DatasetPlan.Finding] = []
        var commands: [RemoteCommand] = []
        guard let top = settings.root?.top else {
            let items = settings.datasets.map {
                DatasetPlan.Item($0.name, .refused("ebb.root.top does not say where the top level is"))
            }
            return DatasetPlan(items: items, findings: [], commands: [])
        }
        let known = Dictionary(state.subvolumes.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        var seen: Set<String> = []
        for dataset in settings.datasets.sorted(by: { $0.name < $1.name }) {
            guard seen.insert(dataset.name).inserted, isPlain(dataset.name) else {
                items.append(.init(dataset.name, .refused("it is no path below the top level, or twice")))
                continue
            }
            guard dataset.properties.isEmpty else {
                items.append(
                    .init(dataset.name, .refused("btrfs subvolumes have no such properties: set mount options")))
                continue
            }
            let place = "\(top)/\(dataset.name)"
            if known[BytePath(dataset.name)] == nil {
                items.append(.init(dataset.name, .create([])))
                if dataset.name.contains("/") {
                    commands.append(RemoteCommand("mkdir", "-p", "--", BytePath(place).parent.text ?? top))
                }
                commands.append(RemoteCommand("btrfs", "subvolume", "create", place))
            } else {
                items.append(.init(dataset.name, .nothing))
            }
            guard let blank = dataset.blank else { continue }
            let item = decideBlank(blank, of: dataset.name, known, &findings)
            items.append(item)
            if item.decision == .snapshot {
                commands.append(RemoteCommand("btrfs", "subvolume", "snapshot", "-r", place, "\(top)/\(blank)"))
            }
        }
        if let device = state.unmountedDevice, !commands.isEmpty {
            items.insert(.init(top, .mount(device)), at: 0)
            commands.insert(RemoteCommand("mkdir", "-p", "--", top), at: 0)
            commands.insert(RemoteCommand("mount", "-t", "btrfs", "-o", "subvolid=5", device, top), at: 1)
        }
        checkPlaces(&findings)
        return DatasetPlan(items: items, findings: findings, commands: commands)
    }

    private func decideBlank(
        _ blank: String, of name: String, _ known: [BytePath: BtrfsState.Subvolume],
        _ findings: inout [DatasetPlan.Finding]
    ) -> DatasetPlan.Item {
        guard isPlain(blank), !BytePath("/" + blank).isInside(BytePath("/" + name)) else {
            return .init(blank, .refused("a blank lies beside its subvolume, not in it"))
        }
        guard let there = known[BytePath(blank)] else {
            guard recorded[blank] == nil else {
                findings.append(
                    .init(
                        code: .blankMissing, name: blank,
                        message: "it was recorded and is gone: nothing would be erased"))
                return .init(blank, .refused("a blank was recorded here: forget it before a new one is taken"))
            }
            return .init(blank, .snapshot, notes: ["it will hold all that \(name) has then"])
        }
        guard there.isReadOnly else {
            return .init(blank, .refused("it exists and can be written to: a blank is read-only"))
        }
        if let recorded = recorded[blank], recorded.guid != there.uuid {
            findings.append(
                .init(
                    code: .blankChanged, name: blank,
                    message: "its UUID is \(there.uuid), recorded was \(recorded.guid): somebody " + "made it anew"))
        }
        return .init(blank, .nothing)
    }

    private func checkPlaces(_ findings: inout [DatasetPlan.Finding]) {
        guard let root = settings.root?.subvolume else { return }
        let base = BytePath("/" + root)
        for subvolume in state.subvolumes {
            let place = BytePath(bytes: Array("/".utf8) + subvolume.path.bytes)
            guard place != base, place.isInside(base) else { continue }
            findings.append(
                .init(
                    code: .nestedSubvolume, name: subvolume.path.printable,
                    message: "it lies in \(root): a boot that replaces \(root) takes it along"))
        }
        for dataset in settings.datasets where dataset.backup {
            let place = BytePath("/" + dataset.name)
            guard place.isInside(base) else { continue }
            findings.append(
                .init(code: .safeBelowEphemeral, name: dataset.name, message: "it lies in \(root), which a boot erases")
            )
        }
    }

    /// What identifies a blank that is there.
    package func identity(of blank: String) -> BlankIdentity? {
        state.subvolumes.first { $0.path == BytePath(blank) }.map {
            BlankIdentity(guid: $0.uuid, createdAt: $0.createdAt)
        }
    }

    private func isPlain(_ path: String) -> Bool {
        !path.utf8.contains(0)
            && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
                !$0.isEmpty && $0 != "." && $0 != ".." && !$0.hasPrefix("-")
            }
    }
}
