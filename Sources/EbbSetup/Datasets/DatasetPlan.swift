package import EbbModel

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

        package init(_ name: String, _ decision: Decision, notes: [String] = []) {
            (self.name, self.decision, self.notes) = (name, decision, notes)
        }
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
    package let items: [Item]
    package let findings: [Finding]
    /// The commands, in order; each is safe to repeat only through a new plan.
    package let commands: [RemoteCommand]

    /// The plan where nothing is declared.
    package static let nothing = DatasetPlan(items: [], findings: [], commands: [])

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
            let name = item.name.padded(to: width)
            switch item.decision {
            case .create(let changes): lines.append("\(name)  create    \(text(of: changes))")
            case .set(let changes): lines.append("\(name)  set       \(text(of: changes))")
            case .snapshot: lines.append("\(name)  snapshot")
            case .mount(let device): lines.append("\(name)  mount     \(device)")
            case .nothing: lines.append("\(name)  nothing")
            case .refused(let reason): lines.append("\(name)  refused   \(reason)")
            }
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
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
