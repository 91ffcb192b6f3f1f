package import EbbModel
package import FoundationEssentials

/// A path at risk, whichever report it stands in.
package protocol PathRow {
    var path: BytePath { get }
    var kind: FileKind { get }
    var verdict: PathVerdict { get }
    var stateClass: StateClass { get }
    /// The size of all that the row stands for, where it is known.
    var size: Int64? { get }
    /// How many changed paths the row stands for.
    var entryCount: Int { get }
    /// When the path was first seen changed like this.
    var firstSeenAt: Date? { get }
    var reason: String { get }
    var suggestion: String? { get }
}

/// A path of which the whole change is known.
package protocol EntryRow: PathRow { var entry: DriftEntry { get } }

extension PathRow { package var entryCount: Int { 1 } }

extension EntryRow {
    package var path: BytePath { entry.change.path }
    package var kind: FileKind { entry.change.kind }
    package var verdict: PathVerdict { entry.verdict }
    package var stateClass: StateClass { entry.stateClass }
    package var size: Int64? { entry.change.size }
    package var reason: String { entry.reason }
    package var suggestion: String? { entry.suggestion }
}

extension ComplianceFacts.Path: PathRow { package var firstSeenAt: Date? { firstSeen } }

extension DriftInterval: EntryRow { package var firstSeenAt: Date? { firstSeen } }

/// The columns of paths: a new one is a line here, and a name in each table that shows it.
extension ReportColumn where Row: PathRow {
    /// What every document says of a path.
    package static var ofPath: [ReportColumn] {
        [path, kind, verdict, stateClass, size, firstSeen, reason, suggestion]
    }

    /// The path; a table also shows that it is a directory, and how many paths it stands for.
    package static var path: ReportColumn {
        .init("path", shrinks: true) { row in
            let isBare = row.kind == .directory && !row.path.printable.hasSuffix("/")
            let count = row.entryCount > 1 ? "  (\(row.entryCount) paths)" : ""
            return .path(row.path, note: (isBare ? "/" : "") + count)
        }
    }

    /// What it is: a file, a directory and so on.
    package static var kind: ReportColumn { .init("kind") { .text($0.kind.rawValue) } }

    /// What the next boot does to it, and whether that is meant.
    package static var verdict: ReportColumn { .init("verdict") { .word($0.verdict.rawValue, $0.verdict.role) } }

    /// What kind of state it is.
    package static var stateClass: ReportColumn { .init("class") { .word($0.stateClass.rawValue, $0.stateClass.role) } }

    /// Its bytes.
    package static var size: ReportColumn { .init("size", nil, .right) { .bytes($0.size) } }

    /// When it was first seen changed like this.
    package static var firstSeen: ReportColumn { .init("firstSeen", "FIRST SEEN") { .instant($0.firstSeenAt) } }

    /// Why it has its verdict.
    package static var reason: ReportColumn { .init("reason") { .text($0.reason) } }

    /// What to do about it.
    package static var suggestion: ReportColumn { .init("suggestion") { .text($0.suggestion) } }

    /// What to do about it, else why it has its verdict; for tables.
    static var advice: ReportColumn {
        .init("advice", "WHAT TO DO", shrinks: true, yields: true) { .word($0.suggestion ?? $0.reason, .muted) }
    }
}

extension ReportColumn where Row: EntryRow {
    /// What a document says of a path whose whole change is known.
    package static var ofEntry: [ReportColumn] {
        ofPath + [
            change, .init("entryCount") { .number($0.entryCount) },
            .init("mode") { .text($0.entry.change.mode.map { String($0, radix: 8) }) },
            .init("uid") { .number($0.entry.change.uid) }, .init("gid") { .number($0.entry.change.gid) },
            .init("mtime") { .instant($0.entry.change.modified) },
            .init("linkTarget") { .text($0.entry.change.linkTarget?.printable) },
            .init("renamedFrom") { .text($0.entry.change.renamedFrom?.printable) },
        ]
    }

    /// What happened to it.
    package static var change: ReportColumn { .init("change") { .text($0.entry.change.change.rawValue) } }
}
