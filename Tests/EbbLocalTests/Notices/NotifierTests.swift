import EbbModel
import FoundationEssentials
import Synchronization
import Testing

@testable import EbbLocal

struct NotifierTests {
    /// What was delivered and logged, in order.
    private final class Record: Sendable {
        let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    private func notice(_ subject: String, _ event: NoticeEvent = .wave) -> Notice {
        Notice(event: event, at: Date(timeIntervalSince1970: 0), subject: subject)
    }

    private func channel(_ name: String, _ events: Set<NoticeEvent>? = nil) -> NoticeChannel {
        NoticeChannel(name: name, way: .mail(to: [], from: nil), events: events)
    }

    @Test func `a failing delivery is tried again in order, and given up with a word`() async {
        let record = Record()
        let tries = Mutex<[String: Int]>([:])
        let limits = Notifier.Limits(pauses: [.milliseconds(1), .milliseconds(1)])
        await Notifier.with(
            [channel("chat")], limits: limits, clock: ContinuousClock(), log: record.add,
            deliver: { _ in
                { notice throws(DeliveryFailure) in
                    let count = tries.withLock { tries in
                        tries[notice.subject, default: 0] += 1
                        return tries[notice.subject] ?? 0
                    }
                    switch notice.subject {
                    case "second try" where count == 1, "never": throw DeliveryFailure(isWorthRetrying: true, "busy")
                    case "refused": throw DeliveryFailure(isWorthRetrying: false, "no")
                    default: record.add("delivered \(notice.subject)")
                    }
                }
            }
        ) { notifier in
            for subject in ["first", "second try", "never", "refused", "last"] { notifier.post(notice(subject)) }
        }
        #expect(
            record.all == [
                "delivered first", "delivered second try", "chat: not delivered: never: busy",
                "chat: not delivered: refused: no", "delivered last",
            ])
        #expect(tries.withLock { $0 } == ["first": 1, "second try": 2, "never": 3, "refused": 1, "last": 1])
    }

    @Test func `a channel that hangs delays neither the caller nor another channel`() async {
        let record = Record()
        let limits = Notifier.Limits(maxQueued: 3, drainTimeout: .milliseconds(50))
        let result = await Notifier.with(
            [channel("dead"), channel("mail", [.done])], limits: limits, clock: ContinuousClock(), log: record.add,
            deliver: { channel in
                { notice throws(DeliveryFailure) in
                    if channel.name == "dead" {
                        // Nothing ever resumes it: only cancellation ends the wait.
                        for await _ in AsyncStream<Never>(unfolding: { await Self.forever() }) {}
                        throw DeliveryFailure(isWorthRetrying: false, "cancelled")
                    }
                    record.add("\(channel.name): \(notice.subject)")
                }
            }
        ) { notifier in
            for number in 1...10 { notifier.post(notice("wave \(number)")) }
            notifier.post(notice("the end", .done))
            return 42
        }
        #expect(result == 42)
        #expect(record.all.contains("mail: the end"))
        #expect(record.all.contains("dead: too many notices wait; dropped: wave 10"))
        #expect(record.all.contains { $0.contains("not delivered in time") })
        #expect(!record.all.contains { $0.hasPrefix("mail: wave") })
    }

    /// A channel that never answers: only cancellation ends the wait.
    private static func forever() async -> Never? {
        let (silence, speaker) = AsyncStream<Never>.makeStream()
        defer { speaker.finish() }
        for await _ in silence {}
        return nil
    }

    @Test func `without channels nothing is waited for`() async {
        let result = await Notifier.with([], clock: ContinuousClock(), log: { _ in }) { notifier in
            notifier.post(notice("unheard"))
            return 1
        }
        #expect(result == 1)
    }
}
