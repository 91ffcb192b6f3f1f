import NIOCore

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
