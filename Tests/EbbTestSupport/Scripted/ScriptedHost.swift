package import EbbModel
package import EbbTransport
import Synchronization

/// A host that is played by a model of a machine: no process, no network, no real time.
///
/// A test makes a fleet, says what happens to a host, runs the engine, and looks at the machine:
///
///     let fleet = ScriptedFleet(["a"])
///     let host = try fleet.host("a")
///     host.whenToldToReboot = .boot(after: .seconds(30))
///     host.interrupt = .once("reboot", .loseAnswer)      // it does it, and nobody hears so
///     …                                                  // run an attempt over `fleet`
///     #expect(host.machine.boots == 1)
///
/// What happens by itself is scheduled (`after`), what happens to a question is an interruption.
package final class ScriptedHost: Sendable {
    /// What happens to a script on its way; without one it is run and answered.
    package enum Interruption: Sendable {
        /// The connection ends before the host has seen the script.
        case loseQuestion
        /// The host runs the script, and the connection ends after so many bytes of the answer.
        case cut(Int)
        /// The answer ends after so many bytes, and the shell says that all went well.
        case shorten(Int)
        /// No connection is made, for this reason.
        case refuse(TransportError.Code)
        /// Whoever asks is stopped for good before the host has seen the script.
        case stopBefore
        /// Whoever asks is stopped for good once the host has run the script.
        case stopAfter
        /// The task that asks is cancelled before the host has seen the script.
        case cancel

        /// The host runs the script, and nothing of its answer arrives.
        package static let loseAnswer = Interruption.cut(0)
    }

    /// One script that was sent to a host.
    package struct Request: Sendable {
        /// The names of its probes.
        package let probes: [String]
        /// How many scripts had come before it.
        package let number: Int
        /// Seconds since the beginning.
        package let time: Duration

        /// Whether it asks this probe.
        package func asks(_ probe: String) -> Bool { probes.contains(probe) }
    }

    /// Decides what happens to each script.
    package struct Interrupt: Sendable {
        let decide: @Sendable (Request) -> Interruption?

        package init(_ decide: @escaping @Sendable (Request) -> Interruption?) { self.decide = decide }

        /// Nothing is interrupted.
        package static let never = Interrupt { _ in nil }

        /// The script that asks a probe for the n-th time, and no other.
        package static func once(_ probe: String, nth: Int = 1, _ interruption: Interruption) -> Interrupt {
            let seen = Counter()
            return Interrupt { $0.asks(probe) && seen.next() == nth ? interruption : nil }
        }

        /// Every script that asks a probe.
        package static func always(_ probe: String, _ interruption: Interruption) -> Interrupt {
            Interrupt { $0.asks(probe) ? interruption : nil }
        }

        /// The n-th script of all, counted from 0, and no other.
        package static func request(_ number: Int, _ interruption: Interruption) -> Interrupt {
            Interrupt { $0.number == number ? interruption : nil }
        }
    }

    /// Something that happens to the machine by itself, some time after something else.
    package struct Happening: Sendable {
        let delay: Duration
        let change: @Sendable (inout ScriptedMachine, _ time: Duration) -> Void

        package init(after delay: Duration, _ change: @escaping @Sendable (inout ScriptedMachine) -> Void) {
            self.delay = delay
            self.change = { machine, _ in change(&machine) }
        }

        private init(after delay: Duration, timed change: @escaping @Sendable (inout ScriptedMachine, Duration) -> Void)
        {
            self.delay = delay
            self.change = change
        }

        /// It falls silent.
        package static func down(after delay: Duration) -> Happening { Happening(after: delay) { $0.goDown() } }

        /// It comes up in a new boot.
        package static func up(after delay: Duration) -> Happening {
            Happening(after: delay, timed: { $0.comeUp(at: $1) })
        }
    }

    /// What follows when a reboot is handed over.
    package struct Course: Sendable {
        let happenings: [Happening]

        package init(_ happenings: [Happening]) { self.happenings = happenings }

        /// It goes down after a second and answers again in a new boot.
        package static func boot(after delay: Duration = .seconds(20)) -> Course {
            Course([.down(after: .seconds(1)), .up(after: delay)])
        }

        /// It goes down and never comes back.
        package static let neverBack = Course([.down(after: .seconds(1))])
        /// It says that it will, and does not.
        package static let nothing = Course([])
        /// Its services are started again, its kernel is not.
        package static let softReboot = Course([
            .down(after: .seconds(1)), Happening(after: .seconds(5)) { $0.restartServices() },
        ])

        /// It comes up, and boots once more by itself.
        package static func bootTwice(after delay: Duration = .seconds(20), again: Duration) -> Course {
            Course([
                .down(after: .seconds(1)), .up(after: delay), .down(after: again), .up(after: again + .seconds(10)),
            ])
        }
    }

    private struct State {
        var machine: ScriptedMachine
        var course = Course.boot()
        var interrupt = Interrupt.never
        var requests: [Request] = []
        var pending: [(time: Duration, happening: Happening)] = []

        mutating func schedule(_ happening: Happening, _ now: Duration) {
            pending.append((now + happening.delay, happening))
            pending.sort { $0.time < $1.time }
        }
    }

    package let name: HostName
    private let clock: ScriptedClock
    private let stops: ScriptedStops
    private let state: Mutex<State>

    init(name: HostName, number: Int, clock: ScriptedClock, stops: ScriptedStops) {
        self.name = name
        self.clock = clock
        self.stops = stops
        state = Mutex(State(machine: ScriptedMachine(number: number)))
    }

    /// The machine as it is now.
    package var machine: ScriptedMachine {
        get {
            passTime()
            return state.withLock { $0.machine }
        }
        set { state.withLock { $0.machine = newValue } }
    }

    /// What follows when a reboot is handed over.
    package var whenToldToReboot: Course {
        get { state.withLock { $0.course } }
        set { state.withLock { $0.course = newValue } }
    }

    /// What happens to scripts on their way.
    package var interrupt: Interrupt {
        get { state.withLock { $0.interrupt } }
        set { state.withLock { $0.interrupt = newValue } }
    }

    /// The scripts that were sent, the first one first.
    package var requests: [Request] { state.withLock { $0.requests } }

    /// Schedules something, from now on.
    package func happens(_ happening: Happening) {
        let now = clock.now
        state.withLock { $0.schedule(happening, now) }
    }

    /// Connection settings that lead to the host.
    package var connection: ConnectionSettings { ConnectionSettings(host: name, address: name.text) }

    private func passTime() {
        let now = clock.now
        state.withLock { state in
            while let index = state.pending.firstIndex(where: { $0.time <= now }) {
                let (time, happening) = state.pending.remove(at: index)
                happening.change(&state.machine, time)
            }
        }
    }

    /// Lets a connection be made, or says why none is.
    func connect(timeout: Duration) throws(TransportError) {
        clock.advance(.milliseconds(20))
        passTime()
        if Task.isCancelled { throw error(.cancelled, .connect) }
        guard let trouble = state.withLock({ $0.machine.trouble }) else { return }
        switch trouble {
        case .connectTimedOut, .bannerTimedOut, .keyExchangeTimedOut, .authenticationTimedOut: clock.advance(timeout)
        default: break
        }
        throw error(trouble, .connect)
    }

    /// Runs a script and hands the answer over, as far as nothing interrupts it.
    func run(_ input: [UInt8], _ receive: @Sendable (OutputChunk) -> Void) async throws(TransportError) -> CommandEnd {
        clock.advance(.milliseconds(20))
        passTime()
        if Task.isCancelled { throw error(.cancelled, .command) }
        guard let script = ScriptedScript(input) else {
            throw error(.controllerFailed, .command, "This is none of Ebb's scripts.")
        }
        let now = clock.now
        let (request, interrupt) = state.withLock { state in
            let request = Request(probes: script.probes.map(\.name), number: state.requests.count, time: now)
            state.requests.append(request)
            return (request, state.interrupt)
        }
        // It may make things happen to this host.
        switch interrupt.decide(request) {
        case .loseQuestion: throw error(.connectionLost, .command)
        case .refuse(let code): throw error(code, .connect)
        case .cancel:
            withUnsafeCurrentTask { $0?.cancel() }
            throw error(.cancelled, .command)
        case .stopBefore:
            await stops.stop()
            throw error(.cancelled, .command)
        case .stopAfter:
            _ = answer(script)
            await stops.stop()
            throw error(.cancelled, .command)
        case .cut(let count):
            receive(.standardOutput(Array(answer(script).prefix(count))))
            throw error(.connectionLost, .command)
        case .shorten(let count):
            receive(.standardOutput(Array(answer(script).prefix(count))))
            return .exited(0)
        case nil:
            receive(.standardOutput(answer(script)))
            return .exited(0)
        }
    }

    private func answer(_ script: ScriptedScript) -> [UInt8] {
        let (now, date) = (clock.now, clock.date)
        return state.withLock { state in
            var text = ""
            let mark = script.nonce
            for probe in script.probes {
                let (answer, isTold) = state.machine.answer(probe, at: now, date: date)
                if isTold { for happening in state.course.happenings { state.schedule(happening, now) } }
                text += "\n\(mark) begin \(probe.name)\n\(answer.output)"
                text += "\n\(mark) status \(answer.status)\n\(answer.error)"
                text += "\n\(mark) end \(probe.name)\n"
            }
            return Array((text + "\n\(mark) complete\n").utf8)
        }
    }

    private func error(_ code: TransportError.Code, _ phase: TransportError.Phase, _ message: String? = nil)
        -> TransportError
    { TransportError(code, phase: phase, host: name, message ?? "scripted: \(code.rawValue)") }
}

/// Counts.
private final class Counter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
