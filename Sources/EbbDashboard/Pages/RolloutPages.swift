import EbbModel
import EbbReport
import EbbStore
import FoundationEssentials

/// The newest rollouts.
struct RolloutListPage {
    let snapshot: FleetSnapshot

    var markup: Markup {
        Layout(title: "Rollouts", section: .rollouts, asOf: snapshot.readAt).page(
            """
            <h1>Rollouts</h1>
            <p class="lead">Reboots in waves; a host's slot is free again once its boot is proven.</p>
            \(snapshot.rollouts.isEmpty ? nothing : table)
            """)
    }

    private var nothing: Markup {
        Words.nothing("No rollout yet.", "See what one would do: \(Words.command("ebb reboot plan PATTERN")).")
    }

    private var table: Markup {
        MarkupTable<StoredRollout>(
            "cards",
            [
                .init("Rollout", .head) { "<a href=\"/rollouts/\($0.id.value)\">Rollout \($0.id.value)</a>" },
                .init("State", .plain) { "<div>\(RolloutPage.badge($0.state))</div>" },
                .init("Pattern") { "<code>\($0.pattern)</code>" }, .init("Hosts", .number) { "\($0.hosts.count)" },
                .init("Started") { Words.ago($0.startedAt, snapshot.readAt) },
                .init("Why it ended", .plain) { "\($0.reason ?? "")" },
            ]
        ).markup(snapshot.rollouts)
    }
}

/// One rollout, wave by wave; follows it while it runs.
struct RolloutPage {
    let rollout: StoredRollout
    let attempts: [StoredAttempt]
    let now: Date

    var markup: Markup {
        let isRunning = rollout.state == .running
        return Layout(
            title: "Rollout \(rollout.id.value)", section: .rollouts, asOf: now,
            events: isRunning ? "/rollouts/\(rollout.id.value)/events" : nil
        ).page(content)
    }

    /// What is between head and foot; the part that changes while the rollout runs.
    var content: Markup {
        """
        <p class="crumbs"><a href="/rollouts">Rollouts</a> ›</p>
        <h1>Rollout \(rollout.id.value) \(Self.badge(rollout.state))</h1>
        <p class="lead">\(summary)</p>
        \(tiles)
        \(waves)
        """
    }

    static func badge(_ state: RolloutState) -> Markup {
        let tones: [RolloutState: Tone] = [.running: .live, .finished: .good, .halted: .bad, .aborted: .warn]
        return Words.badge(state.rawValue, tones[state] ?? .calm)
    }

    private var summary: Markup {
        let end = rollout.endedAt.map { ended -> Markup in ", ended \(Words.ago(ended, now))" }
        let reason = rollout.reason.map { reason -> Markup in " \(reason)." }
        return """
            <code>\(rollout.pattern)</code>, started \(Words.ago(rollout.startedAt, now)) on \
            \(rollout.controller.hostname)\(end).\(reason)
            """
    }

    private var tiles: Markup {
        func tile(_ label: String, _ tone: String, _ matches: (StoredAttempt) -> Bool) -> Markup {
            let count = attempts.count(where: matches)
            return """
                <div><span class="figure\(count > 0 ? " \(tone)" : "")">\(count)</span>\
                <span class="label">\(label)</span></div>
                """
        }
        return """
            <div class="tiles">
            \(tile("proven", "good") { $0.state == .proven })
            \(tile("under way", "") { !$0.state.isFinal && $0.state != .planned })
            \(tile("waiting", "") { $0.state == .planned })
            \(tile("failed", "bad") { $0.state == .failed })
            \(tile("inconclusive", "warn") { $0.state == .inconclusive })
            \(tile("skipped", "") { $0.state == .skipped })
            </div>
            \(budget)
            """
    }

    /// What of the failure budget is spent, as far as the plan says what it is.
    private var budget: Markup? {
        struct Plan: Decodable { let failureBudget: Int }
        guard let plan = try? JSONDecoder().decode(Plan.self, from: Data(rollout.plan.utf8)) else { return nil }
        let spent = attempts.count { $0.state == .failed || $0.state == .inconclusive }
        let words: Markup =
            spent >= plan.failureBudget
            ? "no more reboots are started" : "when it is spent, no more reboots are started"
        return """
            <p class="sub">Failure budget: \(spent) of \(plan.failureBudget) spent; \(words).</p>
            """
    }

    /// How far a wave is, as a bar whose words stand beside it.
    private static func progress(_ attempts: [StoredAttempt]) -> Markup {
        let parts: [(Tone, (AttemptState) -> Bool)] = [
            (.good, { $0 == .proven }), (.bad, { $0 == .failed }), (.warn, { $0 == .inconclusive }),
            (.calm, { $0 == .skipped }), (.live, { !$0.isFinal && $0 != .planned }),
        ]
        let bar = Bar(
            parts: parts.map { tone, matches in (tone, attempts.count { matches($0.state) }) }, total: attempts.count)
        return """
            \(bar.markup(isOpen: true))<p class="sub">\(attempts.count(where: \.state.isFinal)) of \
            \(Words.count(attempts.count, "host")) finished</p>
            """
    }

    private var waves: Markup {
        let numbers = Set(attempts.map(\.wave)).sorted()
        return .joined(
            numbers.map { wave -> Markup in
                let table = AttemptTable(attempts: attempts.filter { $0.wave == wave }, now: now, showsHost: true)
                return """
                    <section aria-labelledby="wave-\(wave + 1)"><h2 id="wave-\(wave + 1)">\
                    Wave \(wave + 1)</h2>\(Self.progress(table.attempts))\(table.markup)</section>

                    """
            })
    }
}
