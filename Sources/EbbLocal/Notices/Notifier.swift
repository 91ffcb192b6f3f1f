package import EbbModel

/// Queues notices without ever making the caller wait, and delivers them as well as it can.
///
/// Each channel has a queue of its own, so that a dead webhook holds up no mail. A full queue drops the
/// newest notice and logs that: a notice must never hold up a rollout.
package final class Notifier: Sendable {
    /// How often, and after which pauses, a delivery is tried again.
    package struct Limits: Hashable, Sendable {
        /// The pauses between tries; one more try than pauses.
        package var pauses: [Duration]
        /// How many notices wait for a channel at most.
        package var maxQueued: Int
        /// How long the end of a run may wait for what is still queued.
        package var drainTimeout: Duration

        package init(
            pauses: [Duration] = [.seconds(1), .seconds(5), .seconds(25)], maxQueued: Int = 100,
            drainTimeout: Duration = .seconds(30)
        ) { (self.pauses, self.maxQueued, self.drainTimeout) = (pauses, maxQueued, drainTimeout) }
    }

    /// Delivers a notice once, or throws.
    package typealias Deliver = @Sendable (Notice) async throws(DeliveryFailure) -> Void

    private struct Queue: Sendable {
        let channel: NoticeChannel
        let continuation: AsyncStream<Notice>.Continuation
    }

    private let queues: [Queue]
    private let log: @Sendable (String) -> Void

    private init(queues: [Queue], log: @escaping @Sendable (String) -> Void) { (self.queues, self.log) = (queues, log) }

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
            let delivery = Delivery(channel)
            return { notice throws(DeliveryFailure) in try await delivery.deliver(notice) }
        }, body: (Notifier) async -> Result
    ) async -> Result where C.Duration == Duration {
        var queues: [Queue] = []
        var streams: [(NoticeChannel, AsyncStream<Notice>)] = []
        for channel in channels {
            let (stream, continuation) = AsyncStream.makeStream(
                of: Notice.self, bufferingPolicy: .bufferingOldest(max(1, limits.maxQueued)))
            queues.append(Queue(channel: channel, continuation: continuation))
            streams.append((channel, stream))
        }
        let notifier = Notifier(queues: queues, log: log)
        return await withTaskGroup(of: Member.self) { group in
            for (channel, stream) in streams {
                let worker = DeliveryWorker(
                    channel: channel, pauses: limits.pauses, clock: clock, log: log, deliver: deliver(channel))
                group.addTask {
                    await worker.run(stream)
                    return .worker
                }
            }
            let result = await body(notifier)
            for queue in queues { queue.continuation.finish() }
            group.addTask {
                try? await clock.sleep(for: limits.drainTimeout)
                return .timeout
            }
            var left = streams.count
            while left > 0, let member = await group.next() {
                guard case .worker = member else {
                    log("some notices were not delivered in time and are dropped")
                    break
                }
                left -= 1
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

    private enum Member { case worker, timeout }
}
