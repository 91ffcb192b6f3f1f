package import EbbModel

/// Queues notices without ever making the caller wait, and delivers them as well as it can.
///
/// Each channel has a queue of its own, so that a dead webhook holds up no mail. A full queue drops the
/// newest notice and logs that: a notice must never hold up a rollout.
package final class Notifier: Sendable {
    /// How often, and after which pauses, a delivery is tried again.
    package struct Limits: Hashable, Sendable {
        /// The pauses between tries; one more try than pauses.
        package var pauses: [Duration] = [.seconds(1), .seconds(5), .seconds(25)]
        /// How many notices wait for a channel at most.
        package var maxQueued = 100
        /// How long the end of a run may wait for what is still queued.
        package var drainTimeout: Duration = .seconds(30)
    }

    /// Delivers a notice once, or throws.
    package typealias Deliver = @Sendable (Notice) async throws(DeliveryFailure) -> Void

    private let queues: [(channel: NoticeChannel, continuation: AsyncStream<Notice>.Continuation)]
    private let log: @Sendable (String) -> Void

    private init(_ channels: [NoticeChannel], _ streams: [Stream], log: @escaping @Sendable (String) -> Void) {
        queues = zip(channels, streams).map { ($0, $1.continuation) }
        self.log = log
    }

    private typealias Stream = (stream: AsyncStream<Notice>, continuation: AsyncStream<Notice>.Continuation)

    /// Queues the notice for every channel that wants it, and returns at once.
    package func post(_ notice: Notice) {
        for queue in queues where queue.channel.events?.contains(notice.event) ?? true {
            if case .dropped = queue.continuation.yield(notice) {
                log("\(queue.channel.name): too many notices wait; dropped: \(notice.subject)")
            }
        }
    }

    /// Lends a notifier to `body`, then waits for what is queued, up to `drainTimeout`.
    package static func with<Result: Sendable, C: Clock>(
        _ channels: [NoticeChannel], limits: Limits = Limits(), clock: C, log: @escaping @Sendable (String) -> Void,
        deliver: @escaping @Sendable (NoticeChannel) -> Deliver = { channel in
            let delivery = Delivery(channel: channel)
            return { notice throws(DeliveryFailure) in try await delivery.deliver(notice) }
        }, body: (Notifier) async -> Result
    ) async -> Result where C.Duration == Duration {
        let streams = channels.map { _ in
            AsyncStream.makeStream(of: Notice.self, bufferingPolicy: .bufferingOldest(max(1, limits.maxQueued)))
        }
        let notifier = Notifier(channels, streams, log: log)
        // Whether it is a channel whose queue is empty: else the time is over.
        return await withTaskGroup(of: Bool.self) { group in
            for (channel, queue) in zip(channels, streams) {
                group.addTask {
                    await empty(
                        queue.stream, of: channel, pauses: limits.pauses, clock: clock, log: log,
                        deliver: deliver(channel))
                    return true
                }
            }
            let result = await body(notifier)
            for queue in streams { queue.continuation.finish() }
            group.addTask {
                try? await clock.sleep(for: limits.drainTimeout)
                return false
            }
            for _ in streams {
                guard await group.next() == false else { continue }
                log("some notices were not delivered in time and are dropped")
                break
            }
            group.cancelAll()
            return result
        }
    }

    /// Lends a way to post to the inventory's channels, and waits at the end for what is queued.
    package static func lend<Value: Sendable>(
        _ settings: FleetSettings, notes: Notes, _ body: (@escaping @Sendable (Notice) -> Void) async throws -> Value
    ) async throws -> Value {
        let outcome = await with(settings.notify, clock: ContinuousClock(), log: { notes.warning($0) }) { notifier in
            do { return Result<Value, any Error>.success(try await body { notifier.post($0) }) } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    /// Empties the queue of one channel, one notice after the other, until the notifier is cancelled.
    private static func empty<C: Clock>(
        _ notices: AsyncStream<Notice>, of channel: NoticeChannel, pauses: [Duration], clock: C,
        log: @Sendable (String) -> Void, deliver: Deliver
    ) async where C.Duration == Duration {
        for await notice in notices {
            var pauses = pauses[...]
            tries: while true {
                do throws(DeliveryFailure) {
                    try await deliver(notice)
                    break tries
                } catch {
                    guard !Task.isCancelled else { return }
                    guard error.isWorthRetrying, let pause = pauses.popFirst() else {
                        log("\(channel.name): not delivered: \(notice.subject): \(error.description)")
                        break tries
                    }
                    do { try await clock.sleep(for: pause) } catch { return }
                }
            }
        }
    }
}
