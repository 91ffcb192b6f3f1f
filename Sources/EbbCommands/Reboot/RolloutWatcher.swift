import EbbEngine
import EbbLocal
import EbbModel
import EbbPlan
import EbbReport
import EbbStore
import Synchronization

/// Tells a person and the inventory's channels what happens in rollouts, as a driver tells it.
final class RolloutWatcher: Sendable {
    private struct State {
        var screen: RolloutScreen?
        var notices: RolloutNotices?
    }

    private let notes: Notes
    /// Whether a rollout may be drawn in place, for the one person who waits for it.
    private let isDrawn: Bool
    private let post: (@Sendable (Notice) -> Void)?
    private let progress: RolloutProgress
    private let state = Mutex(State())

    /// Without `post` no channel is told.
    init(notes: Notes, isDrawn: Bool = false, post: (@Sendable (Notice) -> Void)? = nil) {
        self.notes = notes
        self.isDrawn = isDrawn && RolloutScreen.isPossible(notes)
        self.post = post
        progress = RolloutProgress(notes: notes)
    }

    /// Lends a watcher for a command that a person waits for, with the fleet's channels.
    static func lend<Value: Sendable>(
        _ settings: FleetSettings, notes: Notes, _ body: (RolloutWatcher) async throws -> Value
    ) async throws -> Value {
        try await Notifier.lend(settings, notes: notes) { post in
            let watcher = RolloutWatcher(notes: notes, isDrawn: true, post: post)
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await watcher.keepDrawing() }
                defer {
                    group.cancelAll()
                    watcher.close()
                }
                return try await body(watcher)
            }
        }
    }

    /// Takes note of an event, and tells what is worth telling.
    func take(_ event: RolloutEvent) {
        if case .began(let start) = event { begin(start) }
        let (screen, notices) = state.withLock { ($0.screen, $0.notices) }
        switch event {
        case .entered, .waiting, .ended, .finished: if let screen { screen.take(event) } else { progress.tell(event) }
        default: progress.tell(event)
        }
        notices?.take(event)
        if case .finished = event { close() }
    }

    private func begin(_ start: RolloutStart) {
        close()
        let screen = isDrawn ? RolloutScreen(RolloutBoard(start), color: notes.isColored) : nil
        let notices = post.map { RolloutNotices(start, post: $0) }
        state.withLock { $0 = State(screen: screen, notices: notices) }
    }

    /// Leaves the last picture where it stands.
    private func close() {
        let screen = state.withLock { state in
            defer { state = State() }
            return state.screen
        }
        screen?.finish()
    }

    /// Draws until it is cancelled; time passes though nothing happens.
    private func keepDrawing() async {
        while !Task.isCancelled {
            state.withLock(\.screen)?.draw()
            try? await Task.sleep(for: .milliseconds(500))
        }
    }
}

/// Tells a person what happens in a rollout, one plain line per event.
final class RolloutProgress: Sendable {
    private let notes: Notes
    /// The last thing said about each waiting host, so that the same is not said again.
    private let last = Mutex<[HostName: String]>([:])

    init(notes: Notes) { self.notes = notes }

    func tell(_ event: RolloutEvent) {
        switch event {
        case .entered(let host, let state, let note):
            notes.note("\(host): \(Self.words(state))" + (note.isEmpty ? "" : " (\(note))"))
        case .waiting(let host, let elapsed, let reason):
            let isNew = last.withLock { last in
                defer { last[host] = reason }
                return last[host] != reason
            }
            if isNew { notes.note("\(host): waiting, \(TextDuration.text(elapsed)): \(reason)") }
        case .ended(let host, let end):
            if end.reason == .proven {
                notes.note("\(host): proven: \(end.message)")
            } else {
                notes.warning("\(host): \(end.reason.state.rawValue): \(end.reason.rawValue), " + end.message)
            }
        case .finished(let state): notes.note("rollout \(state.rawValue)")
        case .interrupted(let rollout):
            notes.note("rollout \(rollout.value) was interrupted; finding out how it stands")
        case .resumed(let rollout, let ended, let ongoing, let left, let startsMore):
            notes.note(
                "rollout \(rollout.value): \(ended) hosts done, \(ongoing) interrupted, " + "\(left) not started"
                    + (startsMore ? "" : ", which stay as they are"))
        case .began: return
        case .databaseBusy: notes.warning("another process holds the database; waiting for it")
        case .left(let host, let words): notes.warning("\(host): \(words)")
        case .abortRequested(let wish): notes.warning("aborted by \(wish.author): \(wish.reason)")
        case .judgedLate(let host, let rollout, let end):
            notes.note(
                "\(host): rollout \(rollout.value) did not learn how it ended; "
                    + (end.reason == .proven
                        ? "its boot is proven now, its slot is free" : "now: \(end.reason.rawValue), \(end.message)"))
        }
    }

    private static func words(_ state: AttemptState) -> String {
        switch state {
        case .planned: "planned"
        case .preflight: "asking what the boot would lose"
        case .canaries: "leaving canaries"
        case .intent: "handing the reboot over"
        case .sent: "reboot handed over; waiting for a new boot"
        case .booted: "a new boot answers; gathering the proof"
        case .proven, .failed, .inconclusive, .skipped: state.rawValue
        }
    }
}

/// A rollout on a terminal, drawn again and again in the same place.
final class RolloutScreen: Sendable {
    private let board: Mutex<RolloutBoard>
    private let start = ContinuousClock.now
    private let color: Bool

    init(_ board: RolloutBoard, color: Bool) {
        self.board = Mutex(board)
        self.color = color
    }

    /// Whether a person looks at a terminal that can be drawn on.
    static func isPossible(_ notes: Notes) -> Bool {
        notes.level >= 0 && Terminal.error.isTerminal && ProcessVariable.named("TERM").map { $0 != "dumb" } ?? false
    }

    /// Takes note of an event, and draws again.
    func take(_ event: RolloutEvent) {
        let now = ContinuousClock.now - start
        board.withLock { $0.take(event, at: now) }
        draw()
    }

    /// Leaves the last picture where it stands.
    func finish() {
        let text = picture()
        Terminal.error.showLive("")
        Terminal.error.write(text)
    }

    func draw() { Terminal.error.showLive(picture()) }

    private func picture() -> String {
        let size = Terminal.error.size
        let now = ContinuousClock.now - start
        return board.withLock { board in
            board.lines(at: now, width: max(20, size.columns - 1), height: max(4, size.rows - 1), color: color)
        }.map { $0 + "\n" }.joined()
    }
}

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
        return "next: wave \(current + 2) of \(Counted.text(size, "host")), once wave \(current + 1) is over"
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
