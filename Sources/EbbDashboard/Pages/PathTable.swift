import EbbModel
import EbbReport
package import EbbStore
package import FoundationEssentials

extension StoredDriftEntry: EntryRow { package var firstSeenAt: Date? { firstSeen } }

/// The columns of paths, as pages show them: those of `ReportColumn`, drawn.
extension MarkupTable.Column where Row: PathRow {
    static var path: Self { .init("Path", .head) { Words.path($0.path) } }

    static var verdict: Self { .init("Verdict", .plain) { "<div>\(Words.badge($0.verdict))</div>" } }

    static var size: Self { .init("Size", .number) { "\(ByteCount.text($0.size))" } }

    static func firstSeen(_ now: Date) -> Self { .init("First seen") { Words.ago($0.firstSeenAt, now) } }

    static var why: Self {
        .init("Why", .plain) { row in
            let advice = row.suggestion.map { text -> Markup in "<div class=\"sub\">\(text)</div>" }
            return "\(row.reason)\(advice)"
        }
    }
}
