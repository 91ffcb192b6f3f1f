package import EbbModel

/// Decides what is copied before a reboot erases it.
package struct SafetyCopy: Hashable, Sendable {
    /// What goes into the copy, parents before what is in them.
    package let paths: [BytePath]
    /// Paths that are left out, with the reason of the first.
    package let leftOut: Int
    /// Why something is left out; `nil` when nothing is.
    package let reason: String?

    /// Chooses among the changed paths those that nobody accounted for, as far as they fit.
    ///
    /// Small files first, so that one large one does not push out a hundred notes.
    package init(of entries: [DriftEntry], _ settings: SafetyCopySettings) {
        var room = Int64(settings.limit) << 20
        var chosen: [BytePath] = []
        var leftOut = 0
        var reason: String?
        let atRisk = entries.filter { entry in
            (entry.verdict == .unexplained || entry.verdict == .leaked) && entry.change.change != .removed
        }
        for entry in atRisk.sorted(by: { Self.size($0) < Self.size($1) }) {
            switch entry.change.kind {
            case .socket, .fifo, .block, .character: continue
            case .file, .directory, .symlink: break
            }
            if entry.stateClass == .secret, !settings.includesSecrets {
                leftOut += 1
                reason = reason ?? "\(entry.change.path.printable) looks like a secret"
            } else if Self.size(entry) > room {
                leftOut += 1
                reason = reason ?? "\(entry.change.path.printable) does not fit into the limit"
            } else {
                room -= Self.size(entry)
                chosen.append(entry.change.path)
            }
        }
        paths = chosen.sorted()
        (self.leftOut, self.reason) = (leftOut, reason)
    }

    private static func size(_ entry: DriftEntry) -> Int64 {
        entry.change.kind == .file ? max(0, entry.change.size ?? 0) : 0
    }
}
