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
