import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials

/// A bar divided in parts; their words stand beside it.
struct Bar {
    let parts: [(tone: Tone, count: Int)]
    let total: Int

    /// With `isOpen`, what no part covers is drawn as well.
    func markup(isOpen: Bool = false) -> Markup {
        var start = 0.0
        let bars = parts.map { part -> Markup in
            let width = Double(part.count) / Double(max(1, total)) * 1_000
            defer { start += width }
            guard part.count > 0 else { return .empty }
            return """
                <rect class="fill-\(part.tone.rawValue)" x="\(Int(start))" y="0" \
                width="\(Int((start + width).rounded()) - Int(start))" height="10"/>
                """
        }
        let rest: Markup? = isOpen ? "<rect class=\"fill-rest\" x=\"0\" y=\"0\" width=\"1000\" height=\"10\"/>" : nil
        return """
            <svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">\
            \(rest)\(bars)</svg>
            """
    }

    /// How the fleet divides into verdicts, whose words are links.
    static func verdicts(_ snapshot: FleetSnapshot) -> Markup {
        let words = snapshot.verdicts.map { verdict, count -> Markup in
            """
            <li><a href="/?verdict=\(verdict.rawValue)#hosts">\
            \(Words.badge("\(count) \(verdict.rawValue)", Tone(verdict)))</a></li>
            """
        }
        let bar = Bar(parts: snapshot.verdicts.map { (Tone($0.verdict), $0.count) }, total: snapshot.hosts.count)
        return "\(bar.markup())<ul class=\"legend\" aria-label=\"Hosts by verdict\">\(words)</ul>\n"
    }
}

/// A long list in pages.
struct Pager {
    let total: Int
    let size: Int
    let page: Int

    init(total: Int, size: Int, page: Int) {
        (self.total, self.size) = (total, size)
        self.page = min(max(1, page), max(1, (total + size - 1) / size))
    }

    var pages: Int { max(1, (total + size - 1) / size) }

    var range: Range<Int> { (page - 1) * size..<min(total, page * size) }

    /// Links to the neighbours; nothing where one page holds all.
    func links(_ query: (Int) -> String) -> Markup {
        guard pages > 1 else { return .empty }
        let back: Markup = page > 1 ? "<a rel=\"prev\" href=\"\(query(page - 1))\">← Back</a>" : ""
        let next: Markup = page < pages ? "<a rel=\"next\" href=\"\(query(page + 1))\">Next →</a>" : ""
        return """
            <nav class="pages" aria-label="Pages of the list">\(back)<span class="sub">\
            \(range.lowerBound + 1) to \(range.upperBound) of \(total)</span>\(next)</nav>
            """
    }
}

/// Query strings.
enum Query {
    /// `?name=value&…` without the empty ones.
    static func text(_ values: [(String, String)]) -> String {
        "?" + values.filter { !$0.1.isEmpty }.map { "\($0.0)=\(PercentEncoding.of($0.1.utf8))" }.joined(separator: "&")
    }
}

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

/// Attempts to reboot, as a table.
struct AttemptTable {
    let attempts: [StoredAttempt]
    let now: Date
    /// On a host's own page the rollout is named instead.
    let showsHost: Bool

    var markup: Markup {
        var columns: [MarkupTable<StoredAttempt>.Column] = [
            showsHost
                ? .init("Host", .head) { Words.link(to: $0.host) }
                : .init("Rollout", .head) { Words.link(to: $0.rollout) },
            .init("State", .plain) { "<div>\(Words.badge($0.state))</div>" },
        ]
        // A rollout's page has a table for each wave.
        if !showsHost { columns.append(.init("Wave", .number) { "\($0.wave + 1)" }) }
        columns += [
            .init("Took", .number) { took($0) }, .init("Updated") { Words.ago($0.updatedAt, now) },
            .init("Why", .plain) { attempt in
                let override = attempt.override.map { override -> Markup in
                    """
                    <div class="sub">overridden by \(override.author): \(override.reason)</div>
                    """
                }
                return "\(attempt.reason ?? "")\(override)"
            },
        ]
        return MarkupTable("cards attempts", columns).markup(attempts)
    }

    /// From the reboot to the end, or until now; nothing where nothing was begun.
    private func took(_ attempt: StoredAttempt) -> Markup {
        guard attempt.state != .planned else { return "<span class=\"none\">not started</span>" }
        let end = attempt.state.isFinal ? attempt.updatedAt : now
        return "\(Words.span(end.timeIntervalSince(attempt.sentAt ?? attempt.createdAt)))"
    }
}
