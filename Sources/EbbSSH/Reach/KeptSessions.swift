import EbbModel
import EbbTransport
import NIOConcurrencyHelpers
import NIOCore

/// Idle sessions, kept for the next connection with the same settings.
///
/// Each is kept for a short time, and at most `maxCount` of them: the oldest goes first.
final class KeptSessions: Sendable {
    /// A logged-in session, and its seat on a line through jump hosts.
    struct Kept: Sendable {
        let connection: SSHConnection
        let seat: JumpLines.Seat?

        var session: SSHSession { connection.session }
    }

    private typealias Entry = (ticket: Int, settings: ConnectionSettings, kept: Kept)

    private struct State {
        var next = 0
        /// The oldest first.
        var entries: [Entry] = []
    }

    private static let maxCount = 64
    /// How long a kept session may take to answer before a new one is made.
    private static let answerTimeout = Duration.seconds(10)

    private let time: Duration
    private let close: @Sendable (Kept) async -> Void
    private let state = NIOLockedValueBox(State())

    /// Keeps sessions for a time; `close` ends one that is kept no longer.
    init(for time: Duration, close: @escaping @Sendable (Kept) async -> Void) {
        (self.time, self.close) = (time, close)
    }

    /// A session whose host answers now; nil where none is kept, or none answers.
    ///
    /// At least half of the time is left for a new one.
    func take(_ settings: ConnectionSettings, within timeout: Duration) async -> Kept? {
        while let kept = removeLast({ $0.settings == settings }) {
            if await kept.session.answers(within: min(timeout / 2, Self.answerTimeout)) { return kept }
            await close(kept)
        }
        return nil
    }

    /// Keeps a session unless it is broken; the caller must not use it again.
    func keep(_ kept: Kept, for settings: ConnectionSettings) async {
        guard time > .zero, await kept.session.isIdle else { return await close(kept) }
        let (ticket, surplus) = state.withLockedValue { state in
            state.next += 1
            state.entries.append((state.next, settings, kept))
            let oldest = state.entries.count > Self.maxCount ? state.entries.removeFirst() : nil
            return (state.next, oldest?.kept)
        }
        kept.session.loop.scheduleTask(in: TimeAmount(time)) {
            guard let old = self.removeLast({ $0.ticket == ticket }) else { return }
            Task { await self.close(old) }
        }
        if let surplus { await close(surplus) }
    }

    /// Closes what is kept for some settings.
    func closeAll(where isMeant: @Sendable (ConnectionSettings) -> Bool) async {
        while let kept = removeLast({ isMeant($0.settings) }) { await close(kept) }
    }

    private func removeLast(_ isMeant: (Entry) -> Bool) -> Kept? {
        state.withLockedValue { state in
            state.entries.lastIndex(where: isMeant).map { state.entries.remove(at: $0).kept }
        }
    }
}

extension SSHSession {
    /// Whether nothing is known to be wrong with the session.
    var isIdle: Bool { failure == nil && !isClosed && !engine.inputEnded && ahead == nil }

    /// Opens the next command's channel: that shows that the host answers, and asks nothing of it yet.
    func answers(within timeout: Duration) async -> Bool {
        guard isIdle else { return false }
        phase = .open
        let watchdog = schedule(.now() + TimeAmount(timeout)) {
            $0.fail($0.problem(.connectionLost, "The host has not answered for \(timeout)."))
        }
        defer { cancel(watchdog) }
        do throws(TransportError) {
            try await endingOnCancellation { () async throws(TransportError) in try await openAhead() }
            return true
        } catch { return false }
    }
}
