import EbbEngine

/// Who is told of a rollout, and who may ask it to start nothing more.
struct RolloutWatch: Sendable {
    let aborts: AsyncStream<Void>
    let tell: @Sendable (RolloutEvent) -> Void
}
