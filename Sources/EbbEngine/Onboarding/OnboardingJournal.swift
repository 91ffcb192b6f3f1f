package import EbbModel
package import EbbSetup
package import EbbStore
package import FoundationEssentials

/// A host's journal of its move, read once and appended to; the store has each event first.
package struct OnboardingJournal: Sendable {
    /// What follows from the events.
    package private(set) var machine: Onboarding
    /// When each event was written.
    package private(set) var dates: [Date]
    /// Which move of the host it is, counted from 1.
    package private(set) var run: Int
    private let host: HostName
    private let store: Store

    /// Reads the newest move of a host.
    package static func load(of host: HostName, from store: Store) async throws(StoreError) -> OnboardingJournal {
        let rows = try await store.onboardingEvents(of: host)
        var events: [OnboardingEvent] = []
        for row in rows {
            do {
                let event = try JSONDecoder().decode(OnboardingEvent.self, from: Data(row.event.utf8))
                events.append(event)
            } catch {
                throw StoreError(.corrupt, host: host, "an event of its onboarding cannot be read", cause: error)
            }
        }
        return OnboardingJournal(
            machine: Onboarding(replaying: events), dates: rows.map(\.at), run: rows.first?.run ?? 1, host: host,
            store: store)
    }

    /// Makes an event durable, then believes it.
    package mutating func append(_ event: OnboardingEvent, at: Date) async throws(StoreError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text: String
        do { text = String(decoding: try encoder.encode(event), as: UTF8.self) } catch {
            throw StoreError(.refused, host: host, "an event cannot be written", cause: error)
        }
        try await store.appendOnboardingEvent(host: host, run: run, after: machine.events.count, text, at: at)
        machine.append(event)
        dates.append(at)
    }

    /// Begins the host's next move; what was written of the last one stays.
    package mutating func beginAnew() {
        run += 1
        machine = Onboarding()
        dates = []
    }

    /// What makes a reboot happen once for a try, however often it is sent: the same for a run that
    /// resumes the try, and another one for the next.
    func mark(_ purpose: String) -> String { "\(purpose)-\(run)-\(machine.events.count)" }

    /// When this event was last written.
    package func date(of event: OnboardingEvent) -> Date? { machine.events.lastIndex(of: event).map { dates[$0] } }

    private init(machine: Onboarding, dates: [Date], run: Int, host: HostName, store: Store) {
        (self.machine, self.dates, self.run, self.host, self.store) = (machine, dates, run, host, store)
    }
}
