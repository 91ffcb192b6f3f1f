package import EbbModel
package import EbbProbe

/// What is to be done so that the declared datasets exist as declared; destroys and formats nothing.
package struct DatasetPlan: Hashable, Sendable {
    /// A property that is not as declared.
    package struct Change: Hashable, Sendable {
        package let property: String
        /// The value now; `nil` when there is none.
        package let from: String?
        package let to: String
    }

    /// What happens to one dataset or blank.
    package enum Decision: Hashable, Sendable {
        /// It is made, with these properties.
        case create([Change])
        /// Its properties are set.
        case set([Change])
        /// Its blank is taken: whatever it holds at that moment is what a boot goes back to.
        case snapshot
        /// The top level of the file system on this device is mounted, so that the rest can be done.
        case mount(String)
        /// It is as declared.
        case nothing
        /// Nothing is done, for this reason.
        case refused(String)
    }

    /// One dataset or blank, and what happens to it.
    package struct Item: Hashable, Sendable {
        /// The full name: `pool/set` or `pool/set@blank`; on btrfs the path below the top level.
        package let name: String
        package let decision: Decision
        /// Remarks for a person, each one sentence.
        package let notes: [String]
    }

    /// Something that makes erasing fail or that leaves data without a backup.
    package struct Finding: Hashable, Sendable {
        /// What kind of finding it is.
        package enum Code: String, Sendable, Codable, CaseIterable {
            /// The blank is not the one that was recorded.
            case blankChanged = "blank-changed"
            /// A blank was recorded and is gone.
            case blankMissing = "blank-missing"
            /// A newer snapshot is held, or has a clone: a rollback fails.
            case blankBlocked = "blank-blocked"
            /// Newer snapshots would be destroyed by a rollback.
            case newerSnapshots = "newer-snapshots"
            /// Another name contains the blank's: tools that search by part of a name take it too.
            case similarName = "similar-name"
            /// Snapshots are taken of what is erased anyway.
            case autoSnapshot = "auto-snapshot"
            /// What is to be kept lies below what is erased.
            case safeBelowEphemeral = "safe-below-ephemeral"
            /// No snapshot of a backed-up dataset is young enough.
            case snapshotTooOld = "snapshot-too-old"
            /// A property that only holds from creation on is not as declared.
            case oneTimeProperty = "one-time-property"
            /// The erased subvolume holds subvolumes of its own.
            case nestedSubvolume = "nested-subvolume"
        }

        package let code: Code
        package let name: String
        package let message: String
        /// Whether a boot must not be trusted to erase, or erase rightly, while this holds.
        package var blocksErasing: Bool {
            switch code {
            case .blankChanged, .blankMissing, .blankBlocked, .similarName, .safeBelowEphemeral: true
            case .newerSnapshots, .autoSnapshot, .snapshotTooOld, .oneTimeProperty, .nestedSubvolume: false
            }
        }
    }

    /// In the order in which they are carried out: parents first.
    package internal(set) var items: [Item] = []
    package private(set) var findings: [Finding] = []
    /// The commands, in order; each is safe to repeat only through a new plan.
    package internal(set) var commands: [RemoteCommand] = []

    /// The plan where nothing is declared.
    package static let nothing = DatasetPlan()

    /// Adds what happens to one dataset or blank.
    mutating func decide(_ name: String, _ decision: Decision, notes: [String] = []) {
        items.append(Item(name: name, decision: decision, notes: notes))
    }

    /// Adds what was found wrong with one dataset or blank.
    mutating func find(_ code: Finding.Code, _ name: String, _ message: String) {
        findings.append(Finding(code: code, name: name, message: message))
    }

    /// Adds a blank that was recorded and is not there: a new one would pass for it.
    mutating func refuseLost(_ blank: String) {
        find(.blankMissing, blank, "it was recorded and is gone: nothing would be erased")
        decide(blank, .refused("a blank was recorded here: forget it before a new one is taken"))
    }

    /// Whether there is nothing to do and nothing was refused.
    package var isSettled: Bool { items.allSatisfy { $0.decision == .nothing } }

    /// Whether something was refused.
    package var hasRefusals: Bool { items.contains { if case .refused = $0.decision { true } else { false } } }
}

extension DatasetPlan {
    /// The plan as lines for a person.
    package var text: String {
        let width = items.map(\.name.count).max() ?? 0
        var lines: [String] = []
        for item in items {
            let words =
                switch item.decision {
                case .create(let changes): "create    \(text(of: changes))"
                case .set(let changes): "set       \(text(of: changes))"
                case .snapshot: "snapshot"
                case .mount(let device): "mount     \(device)"
                case .nothing: "nothing"
                case .refused(let reason): "refused   \(reason)"
                }
            lines.append(item.name + String(repeating: " ", count: width + 2 - item.name.count) + words)
            lines += item.notes.map { String(repeating: " ", count: width + 2) + $0 }
        }
        for finding in findings {
            let kind = finding.blocksErasing ? "stop" : "note"
            lines.append("\(kind): \(finding.name): \(finding.message)")
        }
        return lines.map { PrintableText.line($0) + "\n" }.joined()
    }

    private func text(of changes: [Change]) -> String {
        changes.map { change in
            change.from.map { "\(change.property): \($0) → \(change.to)" } ?? "\(change.property)=\(change.to)"
        }.joined(separator: ", ")
    }

    /// The name of the probe that carries a plan out.
    package static let probeName = "datasets-apply"

    /// The commands as one probe, which stops at the first that fails.
    ///
    /// Every command that ended well is followed by a line with its number, counted from 1.
    package var probe: ProbeScript.Probe {
        let script = HostScript(PackageResources.run_commands_sh, words: commands.map(\.shellLine))
        return ProbeScript.Probe(name: Self.probeName, shell: script, limit: 1800)
    }

    /// How many commands ended well, as the output tells.
    package static func done(_ output: [UInt8]) -> Int { output.split(separator: UInt8(ascii: "\n")).count }
}

/// What makes one blank that very blank, so that a re-made one is noticed.
package struct BlankIdentity: Hashable, Sendable {
    /// The snapshot's guid on ZFS, the subvolume's UUID on btrfs.
    package let guid: String
    /// The transaction group on ZFS, the generation on btrfs, in which it was taken.
    package let createdAt: Int64

    package init(guid: String, createdAt: Int64) { (self.guid, self.createdAt) = (guid, createdAt) }
}
