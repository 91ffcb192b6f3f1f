import EbbEngine
import EbbModel
import Glibc
import Synchronization
import UnixSignals

/// Turns Ctrl-C and SIGTERM into a request to come to an end; the second one ends the process.
enum Interrupts {
    private static let shared = Mutex<AbortSwitch?>(nil)

    /// The switch of this process, which the first signal throws; whoever asks first says what is told.
    ///
    /// Asked for before anything is begun, so that no phase of a command misses the signal.
    static func trap(
        notes: Notes, first: String = "nothing more is started; running hosts come to their end",
        second: String = "Exiting; continue with `ebb reboot resume`."
    ) async -> AbortSwitch {
        if let aborts = shared.withLock(\.self) { return aborts }
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let aborts = AbortSwitch()
        shared.withLock { $0 = aborts }
        // Awaited by nobody: it lives as long as the process and ends it at the second signal.
        Task {
            for await _ in signals {
                guard !aborts.isThrown else {
                    notes.problem(second)
                    exit(ExitStatus.interrupted.rawValue)
                }
                notes.warning(first)
                aborts.abort()
            }
        }
        return aborts
    }
}
