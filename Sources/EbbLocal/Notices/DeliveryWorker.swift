import EbbModel

/// Empties the queue of one channel, one notice after the other.
struct DeliveryWorker<C: Clock>: Sendable where C.Duration == Duration {
    let channel: NoticeChannel
    let pauses: [Duration]
    let clock: C
    let log: @Sendable (String) -> Void
    let deliver: Notifier.Deliver

    func run(_ notices: AsyncStream<Notice>) async {
        for await notice in notices { guard await send(notice) else { return } }
    }

    /// Returns false when the notifier was cancelled.
    private func send(_ notice: Notice) async -> Bool {
        var pauses = pauses[...]
        while true {
            do throws(DeliveryFailure) {
                try await deliver(notice)
                return true
            } catch {
                guard !Task.isCancelled else { return false }
                guard error.isWorthRetrying, let pause = pauses.popFirst() else {
                    log("\(channel.name): not delivered: \(notice.subject): \(error.description)")
                    return true
                }
                do { try await clock.sleep(for: pause) } catch { return false }
            }
        }
    }
}
