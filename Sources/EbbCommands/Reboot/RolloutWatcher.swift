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
                "rollout \(rollout.value): \(ended) hosts had ended, \(ongoing) were in the middle, "
                    + "\(left) are left" + (startsMore ? "" : " and stay as they are"))
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
