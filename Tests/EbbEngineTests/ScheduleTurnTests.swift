import EbbEngine
import EbbLocal
import EbbPlan
import EbbStore
import EbbTestSupport
import EbbTransport
import FoundationEssentials
import Synchronization
import Testing

@testable import EbbModel

/// Turns of the scheduler over scripted hosts, with a real database; the fleet's clock starts on
/// Monday 2026-09-21 at 13:33:20 UTC.
@Suite struct ScheduleTurnTests {
    /// A window that is open at the fleet's first moment, on every day.
    private static let open = "13:00"

    private final class Night: Sendable {
        let scene: RolloutScene
        let notices = Mutex<[Notice]>([])
        let held = HeldRollouts()
        let aborts = AbortSwitch()
        let away = Pauses<HostName>(120)
        let unresumable = Pauses<RolloutID>(300)

        init(
            _ names: [String] = ["a"], from start: String = ScheduleTurnTests.open, hours: Int = 2,
            _ change: (inout HostSettings) -> Void = { _ in }
        ) throws {
            let window = WindowSettings(
                recurrence: try Recurrence("FREQ=DAILY"), start: try #require(TimeOfDay(start)),
                duration: hours * 3_600, timezone: "UTC", cutoff: nil, from: nil)
            scene = try RolloutScene(names) { settings in
                settings.reboot.windows = [window]
                settings.reboot.isScheduled = true
                change(&settings)
            }
        }

        func take() async throws -> ScheduleTurn.Outcome {
            let driver = RolloutDriver(
                engine: scene.engine, fleet: scene.settings, aborts: aborts, held: held, tell: { _ in })
            let posted = AsyncStream<Notice>.makeStream()
            let outcome = try await ScheduleTurn(
                driver, notes: .silent, away: away, unresumable: unresumable, post: { posted.continuation.yield($0) }
            ).take()
            posted.continuation.finish()
            for await notice in posted.stream { notices.withLock { $0.append(notice) } }
            return outcome
        }

        func pass(_ hours: Double) { scene.fleet.clock.advance(.seconds(hours * 3_600)) }

        var events: [NoticeEvent] { notices.withLock { $0.map(\.event) } }

        /// The rollout of a controller on this machine that is dead.
        func leave(plan: String? = nil) async throws -> RolloutID {
            let own = ControllerProcess.current()
            let dead = ControllerIdentity(
                hostname: own.hostname, pid: own.pid, startedAt: Date(timeIntervalSince1970: 0),
                bootID: BootID("11111111-2222-4333-8444-555555555555"))
            let book = try await ScheduleBook.read(
                scene.settings, scene.store, at: scene.fleet.clock.date, writes: true)
            let page = try #require(book.pages.first)
            let slot = ScheduleSlot(
                schedule: page.schedule.name, opensAt: try #require(page.review.due).window, state: .claimed,
                recordedAt: scene.fleet.clock.date)
            let rollout = try await scene.store.beginRollout(
                in: [slot], pattern: "left", plan: try plan ?? scene.plan.text(), planHash: "hash", controller: dead,
                hosts: scene.settings.map { RolloutHost(host: $0.host, wave: 0) }, at: scene.fleet.clock.date)
            return try #require(rollout)
        }
    }

    @Test func `an open window is taken once, and its hosts are proven`() async throws {
        let night = try Night(["a", "b"]) { $0.reboot.maxUnavailable = .rest }
        let first = try await night.take()
        #expect(first.rollouts.count == 1 && first.exitStatus == .success)
        #expect(night.scene.fleet.hosts.map(\.machine.boots) == [1, 1])
        let second = try await night.take()
        #expect(second.rollouts.isEmpty && second.missed.isEmpty)
        #expect(night.scene.fleet.hosts.map(\.machine.boots) == [1, 1])
    }

    @Test func `a closed window starts nothing`() async throws {
        let night = try Night(from: "02:00")
        let outcome = try await night.take()
        #expect(outcome.rollouts.isEmpty && outcome.missed.isEmpty)
        #expect(night.scene.host.requests.isEmpty)
    }

    @Test func `a window that nobody took is reported once`() async throws {
        let night = try Night(from: "15:00", hours: 1)
        #expect(try await night.take().missed.isEmpty)
        night.pass(4)
        let late = try await night.take()
        #expect(late.missed.count == 1 && late.exitStatus == .findings)
        #expect(night.events == [.missed])
        #expect(try await night.take().missed.isEmpty)
    }

    @Test func `a host that the window did not reach is reported when it closes`() async throws {
        let night = try Night(["a", "b"]) { $0.reboot.maxUnavailable = .rest }
        night.scene.fleet.hosts[1].machine.trouble = .connectRefused
        _ = try await night.take()
        night.pass(3)
        let late = try await night.take()
        #expect(late.missed.count == 1)
        #expect(night.notices.withLock { $0.last?.hosts.map(\.host.text) } == ["b"])
    }

    @Test func `a host that is often away is caught when it comes back`() async throws {
        let night = try Night { $0.reboot.isOftenAway = true }
        night.scene.host.machine.trouble = .connectTimedOut
        #expect(try await night.take().rollouts.isEmpty)
        let asked = night.scene.host.requests.count
        #expect(try await night.take().rollouts.isEmpty)
        #expect(night.scene.host.requests.count == asked)
        night.scene.host.machine.trouble = nil
        night.pass(0.1)
        #expect(try await night.take().rollouts.count == 1)
        #expect(night.scene.host.machine.boots == 1)
    }

    @Test func `a stop flag withholds hosts, with the reason`() async throws {
        let night = try Night()
        _ = try await night.scene.store.setStopFlag(
            StopFlag(
                scope: .fleet, reason: "release day", author: "ops", setAt: night.scene.fleet.clock.date, expiresAt: nil
            ))
        let outcome = try await night.take()
        #expect(outcome.rollouts.isEmpty && outcome.withheld.map(\.host.text) == ["a"])
        #expect(night.scene.host.machine.boots == 0)
    }

    @Test func `what a dead controller left is resumed, and nothing is started beside it`() async throws {
        let night = try Night()
        let left = try await night.leave()
        let outcome = try await night.take()
        #expect(outcome.rollouts == [left] && outcome.exitStatus == .success)
        #expect(night.scene.host.machine.boots == 1)
        #expect(try await night.scene.store.rollout(left).state == .finished)
    }

    @Test func `a rollout that cannot be resumed is no quiet success`() async throws {
        let night = try Night()
        // Its plan is not one that this version can read.
        let left = try await night.leave(plan: "{}")
        let outcome = try await night.take()
        #expect(outcome.failed.map(\.rollout) == [left])
        #expect(outcome.exitStatus == .incomplete)
        // It is left alone for a while, and tried again.
        #expect(try await night.take().failed.isEmpty)
        night.pass(0.1)
        #expect(try await night.take().failed.map(\.rollout) == [left])
        #expect(night.scene.host.machine.boots == 0)
    }

    @Test func `nothing is started once somebody has asked to stop`() async throws {
        let night = try Night()
        night.aborts.abort()
        #expect(try await night.take().rollouts.isEmpty)
        #expect(night.scene.host.machine.boots == 0)
    }

    @Test func `a host that was proven a short while ago is left alone`() async throws {
        let night = try Night { $0.reboot.scheduledAge = 7 * 86_400 }
        #expect(try await night.take().rollouts.count == 1)
        night.pass(24)
        let next = try await night.take()
        #expect(next.rollouts.isEmpty && next.missed.isEmpty)
        night.pass(7 * 24)
        #expect(try await night.take().rollouts.count == 1)
        #expect(night.scene.host.machine.boots == 2)
    }

    @Test func `hosts that another rollout holds keep nobody else back`() async throws {
        let night = try Night(["a", "b"]) { $0.reboot.maxUnavailable = .rest }
        let a = night.scene.settings[0].host
        _ = try await night.scene.store.beginRollout(
            pattern: "a", plan: "{}", planHash: "hash",
            controller: ControllerIdentity(
                hostname: "elsewhere", pid: 1, startedAt: night.scene.fleet.clock.date, bootID: nil),
            hosts: [RolloutHost(host: a, wave: 0)], at: night.scene.fleet.clock.date)
        let outcome = try await night.take()
        #expect(outcome.rollouts.count == 1)
        #expect(night.scene.fleet.hosts.map(\.machine.boots) == [0, 1])
    }
}
