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

    var html: HTML {
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
        guard host.settings != nil else {
            return "The inventory no longer has this host; what follows is what was stored."
        }
        return host.compliance.groups.isEmpty
            ? "In no group." : "In \(host.compliance.groups.joined(separator: ", "))."
    }

    private var facts: HTML {
        let latest = record.looks.first { $0.observation?.facts != nil }?.observation?.facts
        func fact(_ name: String, _ value: HTML?) -> HTML {
            "<div><dt>\(name)</dt><dd>\(value ?? "<span class=\"none\">not known</span>")</dd></div>"
        }
        let declared = host.settings?.root?.strategy.rawValue
        let seen = host.facts.look?.strategy?.rawValue
        let strategy: HTML? =
            declared == seen || seen == nil
            ? declared.map { "\($0)" } : "\(seen ?? "") (declared: \(declared ?? "nothing"))"
        let window = host.opening.map { opening -> HTML in
            opening.contains(now)
                ? "open, closes \(Words.when(opening.end, now))"
                : "opens \(Words.when(opening.start, now))"
        }
        return """
            <dl class="facts card">
            \(fact("Root is erased by", strategy))
            \(fact("Last proven boot", Words.ago(host.facts.provenBoot?.judgedAt, now)))
            \(fact("Last look", Words.ago(host.facts.look?.at, now)))
            \(fact("Kernel", latest?.kernel.map { "\($0)" }))
            \(fact("Boot id", latest?.bootID.map { "<code>\($0.text)</code>" }))
            \(fact("Window", window ?? "none declared"))
            </dl>
            """
    }

    private var controls: HTML {
        let rows = host.compliance.controls.map { result -> HTML in
            let waiver = result.waiver.map { waiver -> HTML in
                """
                <div class="sub">waived by \(waiver.by) until \(waiver.until): \(waiver.reason)</div>
                """
            }
            let evidence: HTML =
                result.evidenceAt.map { Words.ago($0, now) } ?? "<span class=\"none\">none</span>"
            return """
                <tr><th scope="row">\(result.control.title)</th>\
                <td><div>\(Words.badge(result.verdict))</div></td>\
                <td>\(result.sentence)\(waiver)</td>\
                <td data-label="Evidence">\(evidence)</td></tr>

                """
        }
        let problems = host.compliance.waiverProblems.map { problem -> HTML in
            "<p class=\"sub\">\(problem)</p>"
        }
        return """
            <div class="scroll" tabindex="0"><table class="cards"><thead><tr><th scope="col">Control</th>\
            <th scope="col">Verdict</th><th scope="col">Why</th><th scope="col">Evidence</th>\
            </tr></thead><tbody>
            \(rows)</tbody></table></div>\(problems)
            """
    }

    private var drift: HTML {
        guard host.facts.judgement != nil else {
            return Words.nothing(
                "Drift was never collected here.",
                "Collect it with \(Words.command("ebb drift \(host.name)")).")
        }
        let chart = DriftChart(looks: record.looks).html
        guard !record.drift.isEmpty else {
            return chart + Words.nothing("Nothing that is not accounted for.")
        }
        let rows = record.drift.prefix(HostRecord.maxPaths).map { stored -> HTML in
            let change = stored.entry.change
            let advice = stored.entry.suggestion.map { text -> HTML in
                "<div class=\"sub\">\(text)</div>"
            }
            return """
                <tr><th scope="row">\(Words.path(change.path))</th>\
                <td><div>\(Words.badge(stored.entry.verdict))</div></td>\
                <td data-label="Change">\(change.change.rawValue) \(change.kind.rawValue)</td>\
                <td data-label="Size" class="num">\(ByteCount.text(change.size))</td>\
                <td data-label="First seen">\(Words.ago(stored.firstSeen, now))</td>\
                <td>\(stored.entry.reason)\(advice)</td></tr>

                """
        }
        let rest = record.drift.count - rows.count
        let more: HTML? =
            rest > 0
            ? "<p class=\"sub\">and \(rest) more: \(Words.command("ebb drift \(host.name) --stored"))</p>"
            : nil
        return """
            \(chart)<div class="scroll" tabindex="0"><table class="cards"><thead><tr><th scope="col">Path</th>\
            <th scope="col">Verdict</th><th scope="col">Change</th><th scope="col" class="num">Size</th>\
            <th scope="col">First seen</th><th scope="col">Why</th></tr></thead><tbody>
            \(rows)</tbody></table></div>\(more)
            """
    }

    private var persistence: HTML {
        guard !host.facts.declared.isEmpty else {
            return Words.nothing(
                "No declared path was verified here.",
                "See \(Words.command("ebb persistence show \(host.name)")).")
        }
        let rows = host.facts.declared.map { finding -> HTML in
            let tone: Tone =
                switch finding.verdict {
                case .inEffect: .good
                case .leaked, .missing, .wrongAttributes: .bad
                case .unknown: .warn
                }
            return """
                <tr><th scope="row">\(Words.path(BytePath(finding.entry.path)))</th>\
                <td><div>\(Words.badge(finding.verdict.rawValue, tone))</div></td>\
                <td data-label="Mechanism">\(finding.entry.mechanism.rawValue)</td>\
                <td data-label="Class">\(finding.entry.stateClass.rawValue)</td>\
                <td>\(finding.reason)</td></tr>

                """
        }
        return """
            <div class="scroll" tabindex="0"><table class="cards"><thead><tr><th scope="col">Path</th>\
            <th scope="col">Verdict</th><th scope="col">Mechanism</th><th scope="col">Class</th>\
            <th scope="col">Why</th></tr></thead><tbody>
            \(rows)</tbody></table></div>
            """
    }

    private var boots: HTML {
        guard !record.boots.isEmpty else { return Words.nothing("No boot was seen yet.") }
        let items = record.boots.map { boot -> HTML in
            let (tone, words): (Tone, String) =
                switch boot.verdict {
                case nil: (.calm, "not judged")
                case let verdict? where verdict.isProven: (.good, "proven: erased and kept")
                case let verdict?:
                    (
                        verdict.erasure == .notErased || verdict.retention == .leaked
                            ? .bad : .warn,
                        "\(verdict.erasure.rawValue), \(verdict.retention.rawValue)"
                    )
                }
            let ordered = boot.attempt == nil ? "Ebb did not order it" : "ordered by Ebb"
            let reasons = boot.verdict.map { verdict -> HTML in
                let lines = verdict.reasons.prefix(12).map { reason -> HTML in "<li>\(reason)</li>"
                }
                return "<details><summary>Evidence</summary><ul>\(lines)</ul></details>"
            }
            return """
                <li class="\(tone.rawValue)"><p>\(Words.badge(words, tone)) seen first \
                \(Words.ago(boot.firstSeen, now)), last \(Words.ago(boot.lastSeen, now))</p>\
                <p class="sub"><code>\(boot.bootID.text)</code> · \(ordered)</p>\(reasons)</li>

                """
        }
        return "<ol class=\"timeline card\">\(items)</ol>"
    }

    private var attempts: HTML {
        guard !record.attempts.isEmpty else {
            return Words.nothing(
                "Ebb has not rebooted this host.",
                "See what it would do: \(Words.command("ebb reboot plan \(host.name)")).")
        }
        return AttemptTable(attempts: record.attempts, now: now, showsHost: false).html
    }
}
