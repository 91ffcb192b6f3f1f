import EbbEngine
import EbbModel
import EbbPlan
import EbbReport
import EbbStore

/// Where a running rollout stands, as lines for a terminal: waves, hosts under way with their time
/// against what is usual, the budget, what comes next, and the last word of the slowest host.
struct RolloutBoard: Sendable {
    private struct Line {
        var state = AttemptState.planned
        /// When its attempt began, and when its reboot was handed over, on the board's clock.
        var began: Duration?
        var sent: Duration?
        var last = ""
        var end: AttemptEnd?
    }

    private let rollout: Int64
    private let plan: RebootPlan
    private let usual: [HostName: Int]
    private var hosts: [HostName: Line] = [:]
    private var final: Rollout.State?

    init(_ start: RolloutStart) {
        rollout = start.rollout.value
        plan = start.plan
        usual = start.usual
        for host in plan.hosts { hosts[host] = Line() }
        for (host, reason) in start.ended { hosts[host] = Line(state: reason.state, end: AttemptEnd(reason, "")) }
    }

    /// Takes note of an event; `now` is the time since the board was made.
    mutating func take(_ event: RolloutEvent, at now: Duration) {
        switch event {
        case .entered(let host, let state, let note):
            hosts[host, default: Line()].state = state
            if hosts[host]?.began == nil { hosts[host]?.began = now }
            if state == .sent { hosts[host]?.sent = now }
            hosts[host]?.last = note
        case .waiting(let host, let elapsed, let last):
            if hosts[host]?.sent == nil { hosts[host]?.sent = now - elapsed }
            hosts[host]?.last = last
        case .ended(let host, let end):
            hosts[host, default: Line()].state = end.reason.state
            hosts[host]?.end = end
        case .finished(let state): final = state
        default: return
        }
    }

    /// The lines, none wider than `width`, no more than `height`.
    func lines(at now: Duration, width: Int, height: Int, color: Bool) -> [String] {
        // Where little fits, lines are cut, and colors would be cut with them.
        guard width >= 64 else {
            return lines(now, width: 64, height: height, color: false).map { DisplayWidth.truncated($0, to: width) }
        }
        return lines(now, width: width, height: height, color: color)
    }

    private func lines(_ now: Duration, width: Int, height: Int, color: Bool) -> [String] {
        var lines = [heading(now, width, color)]
        // Waves that are over or far ahead say little: the ones around the current are shown.
        let current = plan.waves.firstIndex { wave in wave.contains { hosts[$0]?.end == nil } }
        let first = max(0, (current ?? plan.waves.count) - 2)
        for index in plan.waves.indices.dropFirst(first).prefix(4) { lines.append(wave(index, color)) }
        let foot = [next(current), slowest(now)].compactMap(\.self)
        lines += table(now, width, max(1, height - lines.count - foot.count - 1), color)
        lines += foot.map { TextRole.muted.paint(DisplayWidth.truncated($0, to: width), color: color) }
        return Array(lines.prefix(height))
    }

    private func count(_ matches: (Line) -> Bool) -> Int { hosts.values.count(where: matches) }

    private func heading(_ now: Duration, _ width: Int, _ color: Bool) -> String {
        let proven = count { $0.state == .proven }
        let failures = count { $0.end?.reason.countsAsFailure ?? false }
        let budget = "\(failures) of \(plan.failureBudget) failures allowed"
        let text =
            "rollout \(rollout) \(final?.rawValue ?? "running") · \(TextDuration.text(now)) · "
            + "\(proven) of \(plan.hosts.count) proven · "
        guard DisplayWidth.of(text + budget) <= width else { return DisplayWidth.truncated(text + budget, to: width) }
        let role: TextRole = failures == 0 ? .plain : failures < plan.failureBudget ? .warning : .bad
        return TextRole.heading.paint(text, color: color) + role.paint(budget, color: color)
    }

    private func wave(_ index: Int, _ color: Bool) -> String {
        let members = plan.waves[index]
        let states = members.map { hosts[$0]?.state ?? .planned }
        let proven = states.count { $0 == .proven }
        let other = states.count { $0.isFinal && $0 != .proven }
        let size = 20
        func share(_ count: Int) -> Int { count == 0 ? 0 : max(1, count * size / max(1, members.count)) }
        let good = min(size, share(proven))
        let bad = min(size - good, share(other))
        let bar =
            TextRole.good.paint(String(repeating: "█", count: good), color: color)
            + TextRole.bad.paint(String(repeating: "▒", count: bad), color: color)
            + TextRole.muted.paint(String(repeating: "░", count: size - good - bad), color: color)
        let rest = other > 0 ? ", \(other) not" : ""
        return "wave \(index + 1) of \(plan.waves.count)  \(bar)  \(proven) of \(members.count) " + "proven\(rest)"
    }

    private func table(_ now: Duration, _ width: Int, _ height: Int, _ color: Bool) -> [String] {
        var table = TextTable([
            .init("HOST", shrinks: true), .init("STATE"), .init("ELAPSED", .right), .init("USUAL", .right),
            .init("LAST", shrinks: true),
        ])
        let active = active(now)
        // One line for the heading of the table, one for what does not fit.
        let room = max(1, height - 2)
        for (host, line) in active.prefix(room) {
            let elapsed = elapsed(line, now)
            let limit = usual[host].map { Duration.seconds($0) }
            let isLate = limit.map { elapsed > $0 } ?? false
            table.add([
                .init(host.text, .emphasis), .init(Self.word(line.state)),
                .init(TextDuration.text(elapsed), isLate ? .warning : .plain),
                .init(limit.map { TextDuration.text($0) } ?? "not known", .muted), .init(line.last),
            ])
        }
        for (host, end) in troubled.prefix(max(0, room - active.count)) {
            table.add([
                .init(host.text, .emphasis), .init(end.reason.state.rawValue, end.reason.state.role), .init(""),
                .init(""), .init("\(end.reason.rawValue): \(end.message)"),
            ])
        }
        var lines = table.rendered(width: width, color: color).split(separator: "\n").map(String.init)
        let rest = active.count - min(active.count, room)
        if rest > 0 { lines.append("and \(rest) more under way") }
        return lines
    }

    /// Hosts under way, those that take the longest first.
    private func active(_ now: Duration) -> [(HostName, Line)] {
        hosts.filter { $0.value.began != nil && $0.value.end == nil }.map { ($0.key, $0.value) }.sorted {
            (elapsed($1.1, now), $0.0) < (elapsed($0.1, now), $1.0)
        }
    }

    /// Hosts that ended in any way but proven, by name.
    private var troubled: [(HostName, AttemptEnd)] {
        hosts.compactMap { host, line in line.end.flatMap { $0.reason == .proven ? nil : (host, $0) } }.sorted {
            $0.0 < $1.0
        }
    }

    private func elapsed(_ line: Line, _ now: Duration) -> Duration {
        max(.zero, now - (line.sent ?? line.began ?? now))
    }

    private func next(_ current: Int?) -> String? {
        guard final == nil else { return nil }
        let failures = count { $0.end?.reason.countsAsFailure ?? false }
        if failures >= plan.failureBudget { return "next: nothing more is started, the failure budget is spent" }
        guard let current else { return "next: the report" }
        let waiting = plan.waves[current].count { hosts[$0]?.began == nil && hosts[$0]?.end == nil }
        if waiting > 0 { return "next: \(waiting) more of wave \(current + 1), as limits allow" }
        guard current + 1 < plan.waves.count else { return "next: the report" }
        let size = plan.waves[current + 1].count
        return "next: wave \(current + 2) of \(size) host(s), once wave \(current + 1) is over"
    }

    private func slowest(_ now: Duration) -> String? {
        guard final == nil, let (host, line) = active(now).first, !line.last.isEmpty else { return nil }
        return "slowest: \(host), \(PrintableText.line(line.last))"
    }

    private static func word(_ state: AttemptState) -> String {
        switch state {
        case .planned: "planned"
        case .preflight: "asking"
        case .canaries: "canaries"
        case .intent: "sending"
        case .sent: "rebooting"
        case .booted: "proving"
        case .proven, .failed, .inconclusive, .skipped: state.rawValue
        }
    }
}
