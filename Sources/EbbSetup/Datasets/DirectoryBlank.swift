package import EbbModel
package import EbbProbe

/// A blank that is a directory on persistent storage: a boot copies it into a root that is new.
package struct DirectoryBlank: Hashable, Sendable {
    /// The name of the root among the datasets of such a host.
    package static let rootName = "/"
    /// The probe's name.
    package static let probeName = "directory-blank"

    /// Whether the directory is there, or the list of a blank that cannot be read.
    package let isThere: Bool
    /// What tells it from another of that name; `nil` where nothing does.
    package let identity: BlankIdentity?
    /// Whether it lies, or would lie, on another file system than the root.
    package let isBesideRoot: Bool
    /// Bytes that the root's files take.
    package let needed: Int64
    /// Bytes that are free where the blank goes.
    package let free: Int64

    /// Looks at the directory and the place around it.
    package static func probe(_ blank: String, limit: Int = 60) -> ProbeScript.Probe {
        ProbeScript.Probe(
            name: probeName, shell: HostScript(PackageResources.directory_blank_sh, values: ["blank": blank]),
            limit: limit)
    }

    /// Reads the probe's answer; throws where a line is missing.
    package init(parsing output: [UInt8]) throws(ProbeGap) {
        var words: [String: [String]] = [:]
        for row in output.split(separator: UInt8(ascii: "\n")) {
            let line = String(decoding: row, as: UTF8.self).split(separator: " ").map(String.init)
            if let first = line.first { words[first] = Array(line.dropFirst()) }
        }
        guard words["there"] != nil || words["absent"] != nil, let devices = words["devices"], devices.count == 2,
            let needed = words["needed"]?.first.flatMap({ Int64($0) }),
            let free = words["free"]?.first.flatMap({ Int64($0) })
        else {
            throw ProbeGap(
                probe: Self.probeName, reason: .unparseable,
                message: "the host does not say what there is of the blank's directory")
        }
        isThere = words["there"] != nil
        if let mark = words["identity"], mark.count == 2, let taken = Int64(mark[1]) {
            identity = BlankIdentity(guid: mark[0], createdAt: taken)
        } else {
            identity = nil
        }
        isBesideRoot = devices[0] != devices[1]
        (self.needed, self.free) = (needed * 1024, free * 1024)
    }

    /// What is to be done about the blank: it is taken once, and never replaced.
    package func plan(_ blank: String, recorded: BlankIdentity?) -> DatasetPlan {
        if isThere { return found(blank, recorded) }
        if recorded != nil {
            return DatasetPlan(
                items: [.init(blank, .refused("a blank was recorded here: forget it before a new one is taken"))],
                findings: [
                    .init(
                        code: .blankMissing, name: blank,
                        message: "it was recorded and is gone: nothing would be erased")
                ], commands: [])
        }
        if let refusal { return DatasetPlan(items: [.init(blank, .refused(refusal))], findings: [], commands: []) }
        let script = String(decoding: PackageResources.take_blank, as: UTF8.self)
        return DatasetPlan(
            items: [.init(blank, .snapshot, notes: ["a copy of all that the root has then"])], findings: [],
            commands: [RemoteCommand("sh", "-c", script, "take-blank", blank)])
    }

    private func found(_ blank: String, _ recorded: BlankIdentity?) -> DatasetPlan {
        var findings: [DatasetPlan.Finding] = []
        if let recorded, recorded.guid != identity?.guid {
            let now = identity.map { "its mark is \($0.guid)" } ?? "it bears no mark"
            findings.append(
                .init(
                    code: .blankChanged, name: blank,
                    message: "\(now), recorded was \(recorded.guid): somebody made it anew"))
        }
        return DatasetPlan(items: [.init(blank, .nothing)], findings: findings, commands: [])
    }

    private var refusal: String? {
        if !isBesideRoot { return "it would lie on the root, which a boot erases" }
        // A tenth more: another file system may need more room for the same files.
        if needed + needed / 10 > free {
            return "the root holds \(needed >> 20) MiB, and only \(free >> 20) MiB are free there"
        }
        return nil
    }
}
