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

/// Wakes a thread that waits for descriptors.
final class Alarm: Poller.Watcher, Sendable {
    let descriptor = ebb_event_descriptor()

    init() { precondition(descriptor >= 0, "no descriptor for a loop: errno \(errno)") }

    deinit { close(descriptor) }

    /// Callable from any thread.
    func ring() { eventfd_write(descriptor, 1) }

    func becomeReady(_ readiness: Poller.Readiness) {
        var count: eventfd_t = 0
        eventfd_read(descriptor, &count)
    }
}

/// What is to be done at which moment, the nearest first.
struct LoopTimers {
    /// Names one entry.
    struct Ticket: Comparable {
        let moment: NIODeadline
        fileprivate let number: Int

        static func < (left: Ticket, right: Ticket) -> Bool {
            (left.moment, left.number) < (right.moment, right.number)
        }
    }

    private var entries: [(ticket: Ticket, action: () -> Void)] = []
    private var next = 0

    /// The moment of the nearest entry; the end of time where there is none.
    private(set) var nearest = NIODeadline.distantFuture

    /// Has something done at a moment; those of one moment follow each other as they came.
    mutating func schedule(_ moment: NIODeadline, _ action: @escaping () -> Void) -> Ticket {
        next += 1
        let ticket = Ticket(moment: moment, number: next)
        entries.insert((ticket, action), at: index(of: ticket))
        nearest = entries[0].ticket.moment
        return ticket
    }

    /// Forgets an entry; nothing happens where it has expired.
    mutating func cancel(_ ticket: Ticket) {
        let index = index(of: ticket)
        guard index < entries.count, entries[index].ticket == ticket else { return }
        entries.remove(at: index)
        nearest = entries.first?.ticket.moment ?? .distantFuture
    }

    /// Takes those whose moment has come.
    mutating func popExpired(at now: NIODeadline) -> [() -> Void] {
        let expired = entries.prefix { $0.ticket.moment <= now }.map(\.action)
        entries.removeFirst(expired.count)
        nearest = entries.first?.ticket.moment ?? .distantFuture
        return expired
    }

    /// How long there is time until the nearest, rounded up; -1 where there is none.
    func milliseconds(at now: NIODeadline) -> Int32 {
        guard nearest < .distantFuture else { return -1 }
        return Int32(clamping: max(0, ((nearest - now).nanoseconds + 999_999) / 1_000_000))
    }

    /// Where a ticket is, or belongs.
    private func index(of ticket: Ticket) -> Int {
        // Most new ones are later than all.
        if let last = entries.last, last.ticket < ticket { return entries.count }
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].ticket < ticket { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
