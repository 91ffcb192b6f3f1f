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
    package static func probe(_ blank: String) -> ProbeScript.Probe {
        ProbeScript.Probe(
            name: probeName, shell: HostScript(PackageResources.directory_blank_sh, values: ["blank": blank]))
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
        let mark = words["identity"] ?? []
        let taken = mark.count == 2 ? Int64(mark[1]) : nil
        identity = taken.map { BlankIdentity(guid: mark[0], createdAt: $0) }
        isBesideRoot = devices[0] != devices[1]
        (self.needed, self.free) = (needed * 1024, free * 1024)
    }

    /// What is to be done about the blank: it is taken once, and never replaced.
    package func plan(_ blank: String, recorded: BlankIdentity?) -> DatasetPlan {
        var plan = DatasetPlan()
        if isThere {
            if let recorded, recorded.guid != identity?.guid {
                let now = identity.map { "its mark is \($0.guid)" } ?? "it bears no mark"
                plan.find(.blankChanged, blank, "\(now), recorded was \(recorded.guid): somebody made it anew")
            }
            plan.decide(blank, .nothing)
        } else if recorded != nil {
            plan.refuseLost(blank)
        } else if let refusal {
            plan.decide(blank, .refused(refusal))
        } else {
            let script = String(decoding: PackageResources.take_blank, as: UTF8.self)
            plan.decide(blank, .snapshot, notes: ["a copy of all that the root has then"])
            plan.commands.append(RemoteCommand("sh", "-c", script, "take-blank", blank))
        }
        return plan
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
