import EbbModel
import FoundationEssentials

extension ZFSPlanner {
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
