import EbbEngine
import EbbLocal
import EbbModel

/// Lends a way to tell the inventory's channels, and waits at the end for what is still queued.
enum NoticePost {
    static func lend<Value: Sendable>(
        _ settings: FleetSettings, notes: Notes,
        _ body: (@escaping @Sendable (Notice) -> Void) async throws -> Value
    ) async throws -> Value {
        let outcome = await Notifier.with(
            settings.notify, clock: ContinuousClock(), log: { notes.warning($0) }
        ) { notifier in
            await Result { () async throws -> Value in
                try await body { notifier.post($0) }
            }
        }
        return try outcome.get()
    }
}
