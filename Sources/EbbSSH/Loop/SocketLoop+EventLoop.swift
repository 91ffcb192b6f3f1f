package import Dispatch
package import NIOCore

/// What SwiftNIO's futures ask of a loop.
extension SocketLoop: EventLoop {
    package func next() -> any EventLoop { self }

    /// Does something at a moment.
    @discardableResult package func scheduleTask<T>(deadline: NIODeadline, _ task: @escaping @Sendable () throws -> T)
        -> Scheduled<T>
    {
        let promise = makePromise(of: T.self)
        let ticket = NIOLoopBoundBox<LoopTimers.Ticket?>.makeEmptyBox(eventLoop: self)
        execute {
            ticket.value = self.poller.timers.schedule(deadline) {
                promise.assumeIsolated().completeWith(Result { try task() })
            }
        }
        return Scheduled(
            promise: promise,
            cancellationTask: { self.execute { if let ticket = ticket.value { self.poller.timers.cancel(ticket) } } })
    }

    /// Does something after a time.
    @discardableResult package func scheduleTask<T>(in time: TimeAmount, _ task: @escaping @Sendable () throws -> T)
        -> Scheduled<T>
    { scheduleTask(deadline: .now() + time, task) }

    /// A loop lives as long as the process.
    package func shutdownGracefully(queue: DispatchQueue, _ callback: @escaping @Sendable ((any Error)?) -> Void) {
        queue.async { callback(EventLoopError.unsupportedOperation) }
    }
}
