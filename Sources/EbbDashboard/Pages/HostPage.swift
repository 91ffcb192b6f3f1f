import EbbCompliance
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import FoundationEssentials

/// Everything that is known of one host.
struct HostPage {
    let host: FleetSnapshot.Host
    let record: HostRecord
    let now: Date

    var markup: Markup {
        Layout(title: host.name.text, section: .fleet, asOf: now).page(
            """
            <p class="crumbs"><a href="/">Fleet</a> ›</p>
            <h1>\(host.name.text) \(Words.badge(host.compliance.verdict))</h1>
            <p class="lead">\(lead)</p>
            \(facts)
            <section aria-labelledby="controls"><h2 id="controls">Controls</h2>\(controls)</section>
            <section aria-labelledby="drift"><h2 id="drift">What the next boot erases</h2>\
            \(drift)</section>
            <section aria-labelledby="set"><h2 id="set">Persistence set</h2>\(persistence)</section>
            <section aria-labelledby="boots"><h2 id="boots">Boots</h2>\(boots)</section>
            <section aria-labelledby="attempts"><h2 id="attempts">Reboots by Ebb</h2>\
            \(attempts)</section>
            """)
    }

    private var lead: String {
        guard host.settings != nil else { return "The inventory no longer has this host; this is what was stored." }
        return host.compliance.groups.isEmpty ? "In no group." : "In \(host.compliance.groups.joined(separator: ", "))."
    }

    private var facts: Markup {
        let latest = record.observations.first { $0.observation?.facts != nil }?.observation?.facts
        func fact(_ name: String, _ value: Markup?) -> Markup {
            "<div><dt>\(name)</dt><dd>\(value ?? "<span class=\"none\">not known</span>")</dd></div>"
        }
        let declared = host.settings?.root?.strategy.rawValue
        let seen = host.facts.observation?.strategy?.rawValue
        let strategy: Markup? =
            declared == seen || seen == nil
            ? declared.map { "\($0)" } : "\(seen ?? "") (declared: \(declared ?? "nothing"))"
        let window = host.opening.map { opening -> Markup in
            opening.contains(now)
                ? "open, closes \(Words.when(opening.end, now))" : "opens \(Words.when(opening.start, now))"
        }
        return """
            <dl class="facts card">
            \(fact("Root is erased by", strategy))
            \(fact("Last proven boot", Words.ago(host.facts.provenBoot?.judgedAt, now)))
            \(fact("Last observation", Words.ago(host.facts.observation?.at, now)))
            \(fact("Kernel", latest?.kernel.map { "\($0)" }))
            \(fact("Boot id", latest?.bootID.map { "<code>\($0.text)</code>" }))
            \(fact("Window", window ?? "none declared"))
            </dl>
            """
    }

    private var controls: Markup {
        let table = MarkupTable<ControlResult>(
            "cards",
            [
                .init("Control", .head) { "\($0.control.title)" },
                .init("Verdict", .plain) { "<div>\(Words.badge($0.verdict))</div>" },
                .init("Why", .plain) { result in
                    let waiver = result.waiver.map { waiver -> Markup in
                        """
                        <div class="sub">waived by \(waiver.by) until \(waiver.until): \
                        \(waiver.reason)</div>
                        """
                    }
                    return "\(result.sentence)\(waiver)"
                },
                .init("Evidence") { result in
                    result.evidenceAt.map { Words.ago($0, now) } ?? "<span class=\"none\">none</span>"
                },
            ])
        let problems = host.compliance.waiverProblems.map { problem -> Markup in "<p class=\"sub\">\(problem)</p>" }
        return "\(table.markup(host.compliance.controls))\(problems)"
    }

    private var drift: Markup {
        guard host.facts.judgement != nil else {
            return Words.nothing(
                "This host was never observed completely enough to judge it.",
                "Observe it with \(Words.command("ebb drift \(host.name)")).")
        }
        let chart = DriftChart(record.observations).markup + lastKnown
        guard !record.drift.isEmpty else { return chart + Words.nothing("Nothing. Every path is accounted for.") }
        let rows = record.drift.prefix(HostRecord.maxPaths)
        let table = MarkupTable<DriftInterval>(
            "cards",
            [
                .path, .verdict,
                .init("Change") { row in
                    let change = row.entry.change
                    return "\(change.change.rawValue) \(change.kind.rawValue)"
                }, .size, .firstSeen(now), .why,
            ])
        let rest = record.drift.count - rows.count
        let command = Words.command("ebb drift \(host.name) --stored")
        let more: Markup? = rest > 0 ? "<p class=\"sub\">and \(rest) more: \(command)</p>" : nil
        return "\(chart)\(table.markup(rows))\(more)"
    }

    /// How old the drift is that is shown of a host that does not answer.
    private var lastKnown: Markup {
        guard host.facts.observation?.isReachable == false else { return .empty }
        let seen = record.observations.first { $0.judgement != nil && $0.observation?.isReachable == true }
        let at = seen?.observedAt ?? host.facts.completeJudgement?.at
        return """
            <p class="sub">The host does not answer. This is what was known of it last: \
            \(at == nil ? "nothing" : Words.ago(at, now)); it may have become more since.</p>
            """
    }

    private var persistence: Markup {
        guard !host.facts.declared.isEmpty else {
            return Words.nothing(
                "No declared path was verified yet.", "See \(Words.command("ebb persistence show \(host.name)")).")
        }
        func tone(_ finding: DeclaredFinding) -> Tone {
            switch finding.verdict {
            case .inEffect: .good
            case .leaked, .missing, .readOnly, .wrongAttributes: .bad
            case .unknown: .warn
            }
        }
        let table = MarkupTable<DeclaredFinding>(
            "cards",
            [
                .init("Path", .head) { Words.path(BytePath($0.entry.path)) },
                .init("Verdict", .plain) { "<div>\(Words.badge($0.verdict.rawValue, tone($0)))</div>" },
                .init("Mechanism") { "\($0.entry.mechanism.rawValue)" },
                .init("Class") { "\($0.entry.stateClass.rawValue)" }, .init("Why", .plain) { "\($0.reason)" },
            ])
        return table.markup(host.facts.declared)
    }

    private var boots: Markup {
        guard !record.boots.isEmpty else { return Words.nothing("No boot was observed yet.") }
        let items = record.boots.map { boot -> Markup in
            let (tone, words): (Tone, String) =
                switch boot.verdict {
                case nil: (.calm, "not judged")
                case let verdict? where verdict.isProven: (.good, "proven: erased and kept")
                case let verdict?:
                    (
                        verdict.erasure == .notErased || verdict.retention == .leaked || verdict.retention == .lost
                            ? .bad : .warn, "\(verdict.erasure.rawValue), \(verdict.retention.rawValue)"
                    )
                }
            let ordered = boot.attempt == nil ? "not ordered by Ebb" : "ordered by Ebb"
            let reasons = boot.verdict.map { verdict -> Markup in
                let lines = verdict.reasons.prefix(12).map { reason -> Markup in "<li>\(reason)</li>" }
                return "<details><summary>Evidence</summary><ul>\(lines)</ul></details>"
            }
            return """
                <li class="\(tone.rawValue)"><p>\(Words.badge(words, tone)) first seen \
                \(Words.ago(boot.firstSeen, now)), last \(Words.ago(boot.lastSeen, now))</p>\
                <p class="sub"><code>\(boot.bootID.text)</code> · \(ordered)</p>\(reasons)</li>

                """
        }
        return "<ol class=\"timeline card\">\(items)</ol>"
    }

    private var attempts: Markup {
        guard !record.attempts.isEmpty else {
            return Words.nothing(
                "Ebb has not rebooted this host.",
                "See what it would do: \(Words.command("ebb reboot plan \(host.name)")).")
        }
        return AttemptTable(attempts: record.attempts, now: now, showsHost: false).markup
    }
}

/// Paths at risk over the newest observations, as a line each for unexplained and leaked.
struct DriftChart {
    private let points: [(at: Date, unexplained: Int, leaked: Int)]

    /// Observations come newest first.
    init(_ observations: [StoredObservation]) {
        points = observations.reversed().compactMap { observation in
            // One that did not reach the host says nothing of its drift.
            guard observation.observation?.isReachable != false else { return nil }
            return observation.judgement.map { judgement in
                (observation.observedAt, judgement.counts.count(of: .unexplained), judgement.counts.count(of: .leaked))
            }
        }
    }

    var markup: Markup {
        guard points.count > 1, let first = points.first?.at, let last = points.last?.at, last > first else {
            return .empty
        }
        let top = max(1, points.map { max($0.unexplained, $0.leaked) }.max() ?? 1)
        func line(_ count: (Int) -> Int) -> String {
            points.indices.map { index in
                let x = points[index].at.timeIntervalSince(first) / last.timeIntervalSince(first)
                let y = 95 - Double(count(index)) / Double(top) * 90
                return "\(Int(x * 1_000)),\(Int(y))"
            }.joined(separator: " ")
        }
        let peak = points.map(\.unexplained).max() ?? 0
        let now = points.last.map { ($0.unexplained, $0.leaked) } ?? (0, 0)
        return """
            <figure class="card chart"><svg class="chart" viewBox="0 0 1000 100" \
            preserveAspectRatio="none" role="img" aria-label="Paths at risk over time">\
            <line x1="0" y1="95" x2="1000" y2="95"/>\
            <polyline points="\(line { points[$0].unexplained })"/>\
            <polyline class="bad" points="\(line { points[$0].leaked })"/></svg>\
            <figcaption class="sub">Over \(Words.count(points.count, "observation")): unexplained (line) \
            \(now.0) now, \(peak) at most; leaked (dashes) \(now.1) now.</figcaption></figure>
            """
    }
}

/// What is stored of one host beyond the snapshot.
struct HostRecord: Sendable {
    /// The newest observations, newest first.
    let observations: [StoredObservation]
    /// The newest boots, newest first.
    let boots: [StoredBoot]
    let attempts: [StoredAttempt]
    /// What would be lost, leaked first.
    let drift: [DriftInterval]

    /// Paths shown on a page; the rest is counted.
    static let maxPaths = 200

    /// `accepted` is what the inventory accepts today, `nil` where that is not known.
    init(of host: HostName, in store: Store, accepted: [Acceptance]?, now: Date) async throws {
        observations = try await store.history(of: host, limit: 60)
        boots = try await store.boots(of: host, limit: 20)
        attempts = try await store.attempts(of: host, limit: 10)
        let losses = accepted.map { AcceptedLosses($0) }
        let today = CalendarDate(utc: now)
        let open = try await store.openDrift(
            of: host, verdicts: losses == nil ? [.leaked, .unexplained] : [.leaked, .unexplained, .accepted])
        drift = open.compactMap { interval -> DriftInterval? in
            guard let losses else { return interval }
            let entry = interval.entry.rejudged(by: losses, on: today)
            return entry.verdict == .accepted ? nil : interval.replacing(entry)
        }.sorted {
            ($0.entry.verdict == .leaked ? 0 : 1, $0.firstSeen, $0.entry.change.path) < (
                $1.entry.verdict == .leaked ? 0 : 1, $1.firstSeen, $1.entry.change.path
            )
        }
    }
}
