package import EbbModel
package import EbbProbe

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
        var plan = DatasetPlan()
        guard let top = settings.root?.top else {
            for dataset in settings.datasets {
                plan.decide(dataset.name, .refused("ebb.root.top does not say where the top level is"))
            }
            return plan
        }
        let known = Dictionary(state.subvolumes.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        var seen: Set<String> = []
        for dataset in settings.datasets.sorted(by: { $0.name < $1.name }) {
            guard seen.insert(dataset.name).inserted, isPlain(dataset.name) else {
                plan.decide(dataset.name, .refused("it is no path below the top level, or twice"))
                continue
            }
            guard dataset.properties.isEmpty else {
                plan.decide(dataset.name, .refused("btrfs subvolumes have no such properties: set mount options"))
                continue
            }
            let place = "\(top)/\(dataset.name)"
            if known[BytePath(dataset.name)] == nil {
                plan.decide(dataset.name, .create([]))
                if dataset.name.contains("/") {
                    plan.commands.append(RemoteCommand("mkdir", "-p", "--", BytePath(place).parent.text ?? top))
                }
                plan.commands.append(RemoteCommand("btrfs", "subvolume", "create", place))
            } else {
                plan.decide(dataset.name, .nothing)
            }
            guard let blank = dataset.blank else { continue }
            if decideBlank(blank, of: dataset.name, known, &plan) {
                plan.commands.append(RemoteCommand("btrfs", "subvolume", "snapshot", "-r", place, "\(top)/\(blank)"))
            }
        }
        if let device = state.unmountedDevice, !plan.commands.isEmpty {
            plan.items.insert(.init(name: top, decision: .mount(device), notes: []), at: 0)
            plan.commands.insert(
                contentsOf: [
                    RemoteCommand("mkdir", "-p", "--", top),
                    RemoteCommand("mount", "-t", "btrfs", "-o", "subvolid=5", device, top),
                ], at: 0)
        }
        checkPlaces(&plan)
        return plan
    }

    /// Says what happens to a blank, and whether it is to be taken.
    private func decideBlank(
        _ blank: String, of name: String, _ known: [BytePath: BtrfsState.Subvolume], _ plan: inout DatasetPlan
    ) -> Bool {
        let decision: DatasetPlan.Decision
        if !isPlain(blank) || BytePath("/" + blank).isInside(BytePath("/" + name)) {
            decision = .refused("a blank lies beside its subvolume, not in it")
        } else if let there = known[BytePath(blank)] {
            decision = there.isReadOnly ? .nothing : .refused("it exists and can be written to: a blank is read-only")
            if there.isReadOnly, let recorded = recorded[blank], recorded.guid != there.uuid {
                plan.find(
                    .blankChanged, blank,
                    "its UUID is \(there.uuid), recorded was \(recorded.guid): somebody made it anew")
            }
        } else if recorded[blank] != nil {
            plan.refuseLost(blank)
            return false
        } else {
            plan.decide(blank, .snapshot, notes: ["it will hold all that \(name) has then"])
            return true
        }
        plan.decide(blank, decision)
        return false
    }

    private func checkPlaces(_ plan: inout DatasetPlan) {
        guard let root = settings.root?.subvolume else { return }
        let base = BytePath("/" + root)
        for subvolume in state.subvolumes {
            let place = BytePath(bytes: Array("/".utf8) + subvolume.path.bytes)
            guard place != base, place.isInside(base) else { continue }
            plan.find(
                .nestedSubvolume, subvolume.path.printable,
                "it lies in \(root): a boot that replaces \(root) takes it along")
        }
        for dataset in settings.datasets where dataset.backup {
            let place = BytePath("/" + dataset.name)
            guard place.isInside(base) else { continue }
            plan.find(.safeBelowEphemeral, dataset.name, "it lies in \(root), which a boot erases")
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

/// The subvolumes of one btrfs file system.
package struct BtrfsState: Hashable, Sendable {
    /// One subvolume.
    package struct Subvolume: Hashable, Sendable {
        /// Generation at its creation.
        package let createdAt: Int64
        package let uuid: String
        /// Path below the top level.
        package let path: BytePath
        package let isReadOnly: Bool
    }

    package let subvolumes: [Subvolume]
    /// The device to mount where the declared top level is not mounted yet; `nil`: it is.
    package let unmountedDevice: String?

    /// The probe's name.
    package static let probeName = "btrfs-subvolumes"

    /// Asks for all subvolumes of the file system whose top level is mounted at `top`.
    ///
    /// Where nothing is mounted there and the root is btrfs, the root's file system is meant: its
    /// top level is looked at through a mount that only the question sees.
    package static func probe(top: String) -> ProbeScript.Probe {
        ProbeScript.Probe(name: probeName, shell: HostScript(PackageResources.btrfs_state_sh, values: ["top": top]))
    }

    /// Reads the probe's output; throws where a row is not understood.
    ///
    /// A row is `ID n gen n cgen n top level n parent_uuid u uuid u path p`. Whoever may write on the
    /// file system names what is in it, with newlines too: a row counts only where its number leads
    /// to a path, and two rows of one number say nothing.
    package init(parsing output: [UInt8]) throws(ProbeGap) {
        let fields = output.split(separator: 0, omittingEmptySubsequences: false)
        guard fields.count >= 3, fields.count.isMultiple(of: 3), fields.last?.isEmpty == true else {
            throw Self.odd("it is cut")
        }
        unmountedDevice = fields[0].isEmpty ? nil : String(decoding: fields[0], as: UTF8.self)
        var paths: [Int64: BytePath] = [:]
        var readOnly: Set<Int64> = []
        for index in stride(from: 2, to: fields.count - 1, by: 3) {
            guard let number = Int64(String(decoding: fields[index], as: UTF8.self)) else {
                throw Self.odd("a path without a number")
            }
            paths[number] = BytePath(bytes: fields[index + 1])
            if fields[index + 2].elementsEqual("ro=true".utf8) { readOnly.insert(number) }
        }
        var subvolumes: [Subvolume] = []
        var seen: Set<Int64> = []
        for row in fields[1].split(separator: 10) {
            guard row.starts(with: "ID ".utf8), let identifier = Self.word(row, after: "ID").flatMap({ Int64($0) }),
                let path = paths[identifier]
            else { continue }
            guard seen.insert(identifier).inserted, let createdAt = Self.word(row, after: "cgen"),
                let createdAt = Int64(createdAt), let uuid = Self.word(row, after: "uuid"),
                Self.word(row, after: "parent_uuid") != nil
            else { throw Self.odd("a row without cgen or uuid, or two of one number") }
            subvolumes.append(
                Subvolume(createdAt: createdAt, uuid: uuid, path: path, isReadOnly: readOnly.contains(identifier)))
        }
        guard subvolumes.count == paths.count else { throw Self.odd("a path without its row") }
        self.subvolumes = subvolumes
    }

    private static func word(_ row: some Collection<UInt8>, after key: String) -> String? {
        // The path is last and may hold anything: only what stands before it is looked at.
        let words = Array(row).split(separator: UInt8(ascii: " ")).prefix(16).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard let index = words.firstIndex(of: key), index + 1 < words.count else { return nil }
        return words[index + 1]
    }

    private static func odd(_ message: String) -> ProbeGap {
        ProbeGap(probe: probeName, reason: .unparseable, message: message)
    }
}
