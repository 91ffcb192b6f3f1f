import EbbModel
import FoundationEssentials

extension ZFSPlanner {
    /// What happens to the blank of a dataset, and what stands in the way of going back to it.
    func decideBlank(_ dataset: DatasetSettings, findings: inout [DatasetPlan.Finding]) -> DatasetPlan.Item? {
        guard let blank = dataset.blank else { return nil }
        let name = "\(dataset.name)@\(blank)"
        let isLegal =
            !blank.isEmpty && !blank.utf8.contains { [UInt8(ascii: "@"), UInt8(ascii: "/"), 0x20].contains($0) }
        guard isLegal else { return .init(name, .refused("\(blank) is not a snapshot's name")) }
        similarNames(to: blank, of: dataset.name).forEach { other in
            findings.append(
                .init(
                    code: .similarName, name: name,
                    message: "\(other) contains the blank's name: an initramfs that searches by "
                        + "part of a name would roll it back as well"))
        }
        guard state.entries[name] != nil else {
            if recorded[name] != nil {
                findings.append(
                    .init(
                        code: .blankMissing, name: name, message: "it was recorded and is gone: nothing would be erased"
                    ))
                return .init(name, .refused("a blank was recorded here: forget it before a new one is taken"))
            }
            let referenced = state.value(dataset.name, "referenced")
            let notes = referenced.map { ["it will hold the \($0) bytes that \(dataset.name) has then"] }
            return .init(name, .snapshot, notes: notes ?? [])
        }
        checkIdentity(name, &findings)
        checkNewer(than: name, of: dataset.name, &findings)
        return .init(name, .nothing)
    }

    private func checkIdentity(_ name: String, _ findings: inout [DatasetPlan.Finding]) {
        guard let known = recorded[name] else { return }
        let identity = identity(of: name)
        if identity != known {
            findings.append(
                .init(
                    code: .blankChanged, name: name,
                    message: "its guid is \(identity?.guid ?? "unknown"), recorded was "
                        + "\(known.guid): somebody made it anew"))
        }
    }

    /// What identifies a blank that is there.
    package func identity(of name: String) -> BlankIdentity? {
        guard let guid = state.value(name, "guid") else { return nil }
        return BlankIdentity(guid: guid, createdAt: state.transaction(name))
    }

    private func checkNewer(than blank: String, of dataset: String, _ findings: inout [DatasetPlan.Finding]) {
        let newer = state.snapshots(of: dataset).filter {
            $0 != blank && state.transaction($0) > state.transaction(blank)
        }
        for snapshot in newer {
            if let count = state.value(snapshot, "userrefs").flatMap({ Int($0) }), count > 0 {
                findings.append(
                    .init(
                        code: .blankBlocked, name: blank,
                        message: "the newer \(snapshot) is held (\(count)): the rollback would "
                            + "fail; release it with zfs release"))
            }
            if let clones = state.value(snapshot, "clones"), !clones.isEmpty {
                findings.append(
                    .init(
                        code: .blankBlocked, name: blank,
                        message: "the newer \(snapshot) has the clone \(clones): the rollback "
                            + "would fail; promote or destroy the clone"))
            }
        }
        if !newer.isEmpty {
            findings.append(
                .init(
                    code: .newerSnapshots, name: blank,
                    message: "a rollback destroys the newer \(newer.joined(separator: ", "))"))
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
    func checkPlaces(_ findings: inout [DatasetPlan.Finding]) {
        guard let root = settings.root?.dataset else { return }
        let kept = settings.persist.compactMap(\.dataset) + settings.datasets.filter(\.backup).map(\.name)
        for name in Set(kept).sorted() where name == root || name.hasPrefix(root + "/") {
            findings.append(
                .init(code: .safeBelowEphemeral, name: name, message: "it lies in \(root), which a boot erases"))
        }
    }

    /// The newest snapshot of what is backed up must be young.
    func checkAges(_ findings: inout [DatasetPlan.Finding]) {
        guard let limit = settings.compliance.safeSnapshotMaxAge else { return }
        for dataset in settings.datasets where dataset.backup {
            guard state.entries[dataset.name] != nil else { continue }
            let newest = state.snapshots(of: dataset.name).compactMap {
                state.value($0, "creation").flatMap { Double($0) }
            }.max()
            guard let newest else {
                findings.append(
                    .init(
                        code: .snapshotTooOld, name: dataset.name, message: "it is to be backed up and has no snapshot")
                )
                continue
            }
            let age = Int(now.timeIntervalSince1970 - newest)
            if age > limit {
                findings.append(
                    .init(
                        code: .snapshotTooOld, name: dataset.name,
                        message: "its newest snapshot is \(age / 3600) hours old, " + "\(limit / 3600) are allowed"))
            }
        }
    }
}
