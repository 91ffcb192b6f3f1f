import EbbEngine
import EbbLocal
import EbbModel
import EbbReport
import Synchronization

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
