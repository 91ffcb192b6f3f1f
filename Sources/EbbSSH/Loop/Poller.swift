import CLibSSH2
import Glibc
import NIOCore

/// The sockets and timers that one thread waits for.
final class Poller {
    /// What waits for a descriptor.
    protocol Watcher: AnyObject {
        /// Something can be done with the descriptor, or it is broken.
        func becomeReady(_ readiness: Readiness)
    }

    /// What can be done with a descriptor.
    struct Readiness: OptionSet {
        let rawValue: UInt32

        static let input = Readiness(rawValue: EPOLLIN.rawValue)
        static let output = Readiness(rawValue: EPOLLOUT.rawValue)
        /// Reported whether it was asked for or not: the peer hung up, or the connection broke.
        static let broken = Readiness(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
    }

    private struct Entry {
        /// Sets a descriptor apart from an earlier one of the same number, whose events may be left over.
        let generation: UInt32
        let watcher: any Watcher
    }

    var timers = LoopTimers()
    /// Where watchers read into; the next read overwrites it.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 64)
    private let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    private var entries: [Entry?] = []
    private var generation: UInt32 = 0
    private let news = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 128)

    /// Is woken by `alarm`.
    init(_ alarm: Alarm) {
        precondition(epoll >= 0, "no descriptor for a loop: errno \(errno)")
        let code = watch(alarm.descriptor, for: .input, with: alarm)
        precondition(code == 0, "a loop cannot be woken: errno \(code)")
    }

    deinit {
        close(epoll)
        news.deallocate()
        scratch.deallocate()
    }

    /// Reports the readiness of a descriptor to `watcher` from now on; returns 0, or the system's error
    /// number where it has no room for one more.
    func watch(_ descriptor: Int32, for wanted: Readiness, with watcher: any Watcher) -> Int32 {
        let index = Int(descriptor)
        while entries.count <= index { entries.append(nil) }
        generation &+= 1
        entries[index] = Entry(generation: generation, watcher: watcher)
        let code = control(EPOLL_CTL_ADD, descriptor, wanted)
        if code != 0 { entries[index] = nil }
        return code
    }

    /// Changes what a watched descriptor is watched for.
    func rewatch(_ descriptor: Int32, for wanted: Readiness) {
        let code = control(EPOLL_CTL_MOD, descriptor, wanted)
        precondition(code == 0, "a watched descriptor is not: errno \(code)")
    }

    /// Stops watching a descriptor, which is still open: a child process may hold it too.
    func unwatch(_ descriptor: Int32) {
        let code = control(EPOLL_CTL_DEL, descriptor, [])
        precondition(code == 0, "a watched descriptor is not: errno \(code)")
        entries[Int(descriptor)] = nil
    }

    /// Waits for events and timers, or only polls where there is other work, and runs what is due.
    func wait(isBusy: Bool) {
        let timeout = isBusy ? 0 : timers.milliseconds(at: .now())
        let count = epoll_wait(epoll, news.baseAddress, Int32(news.count), timeout)
        for index in 0..<max(0, Int(count)) {
            let data = news[index].data.u64
            guard let entry = entries[Int(data & 0xffff_ffff)], entry.generation == UInt32(data >> 32) else { continue }
            entry.watcher.becomeReady(Readiness(rawValue: news[index].events))
        }
        let now = NIODeadline.now()
        guard timers.nearest <= now else { return }
        for action in timers.popExpired(at: now) { action() }
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ wanted: Readiness) -> Int32 {
        var event = epoll_event()
        event.events = wanted.rawValue
        let generation = entries[Int(descriptor)]?.generation ?? 0
        event.data.u64 = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
        return epoll_ctl(epoll, operation, descriptor, &event) == 0 ? 0 : errno
    }
}
