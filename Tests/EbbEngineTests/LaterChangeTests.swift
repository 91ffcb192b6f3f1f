import EbbClassifier
import EbbCompliance
import EbbPlan
import EbbReport
import EbbStore
import EbbTestSupport
import FoundationEssentials
import Testing

@testable import EbbEngine
@testable import EbbModel

/// What is stored is judged by what the inventory says today, and at today's clock.
struct LaterChangeTests {
    private let scene: RolloutScene
    private let today: CalendarDate

    init() throws {
        scene = try RolloutScene()
        today = CalendarDate(utc: scene.fleet.clock.date)
    }

    private func accepting(_ acceptances: Acceptance...) -> HostSettings {
        var settings = scene.settings[0]
        settings.accept = acceptances
        return settings
    }

    private func acceptance(_ path: String, until days: Int? = nil, class named: Acceptance.NamedClass? = nil)
        -> Acceptance
    {
        let until = days.map { CalendarDate(daysSinceEpoch: today.daysSinceEpoch + $0).description }
        return Acceptance(path: path, reason: "r", by: "ops", until: until, namedClass: named)
    }

    private func lose(_ paths: [String], size: Int = 18, mode: String = "644") {
        scene.host.machine.drift = paths.map {
            "\t\($0)//f \(size) \(mode) 0 0 1790000000.0000000000 1790000000.0000000000 7"
        }
    }

    private func report(_ settings: HostSettings, days: Double = 0) async throws -> ComplianceReport {
        try await scene.store.complianceReport(
            of: [settings], catalogue: .builtIn, toolVersion: "test",
            now: scene.fleet.clock.date.addingTimeInterval(days * 86_400))
    }

    private func stored(_ settings: HostSettings, days: Double = 0, onlyNew: Bool = false) async throws
        -> DriftReport.Host
    {
        let now = scene.fleet.clock.date.addingTimeInterval(days * 86_400)
        return try #require(try await DriftSurvey(scene.store, onlyNew: onlyNew).stored([settings], now: now).first)
    }

    @Test func `an acceptance that was taken back or has ended counts from that moment`() async throws {
        lose(["/data/a", "/data/b", "/other"])
        let accepted = accepting(acceptance("/data/**", until: 3), acceptance("/other"))
        _ = try await scene.engine.observe(accepted, kind: .drift)

        let good = try await stored(accepted)
        #expect(good.counts[.accepted] == 3 && good.counts[.unexplained] == 0 && good.lines.isEmpty)
        #expect(try await report(accepted).hosts[0].facts.count(of: .unexplained) == 0)

        let less = accepting(acceptance("/other"))
        let back = try await stored(less)
        #expect(back.counts[.accepted] == 1 && back.counts[.unexplained] == 2 && back.bytes[.unexplained] == 36)
        #expect(back.lines.map(\.entry.change.path.printable) == ["/data/a", "/data/b"])
        #expect(back.lines.allSatisfy { $0.entry.reason.contains("no acceptance covers it any more") })
        let facts = try await report(less).hosts[0].facts
        #expect(facts.count(of: .unexplained) == 2 && facts.bytesAtRisk == 36)
        #expect(facts.paths.map(\.path.printable) == ["/data/a", "/data/b"])

        // On its last day it holds; then it has ended, and from then on the grace runs.
        #expect(try await stored(accepted, days: 2).counts[.unexplained] == 0)
        let over = try await stored(accepted, days: 4)
        #expect(over.counts[.unexplained] == 2 && over.counts[.accepted] == 1)
        let ended = try await report(accepted, days: 4).hosts[0].facts.atRisk
        #expect(ended.map(\.count) == [2])
        #expect(ended.map { CalendarDate(utc: $0.firstSeen).daysSinceEpoch } == [today.daysSinceEpoch + 4])
    }

    @Test func `a secret is accepted as long as it stands that secrets are`() async throws {
        lose(["/data/ca.key"], mode: "600")
        let accepted = accepting(acceptance("/data/**", class: .secret))
        _ = try await scene.engine.observe(accepted, kind: .drift)
        #expect(try await stored(accepted).counts[.accepted] == 1)
        #expect(try await stored(accepting(acceptance("/data/**"))).counts[.unexplained] == 1)
        #expect(try await stored(accepting(acceptance("/data/ca.key"))).counts[.unexplained] == 0)
    }

    @Test func `evidence that never asked for a path leaves it unknown`() async throws {
        var settings = scene.settings[0]
        settings.persistence = []
        _ = try await scene.engine.observe(settings, kind: .drift)
        func result() async throws -> ControlResult? {
            try await report(settings).hosts[0].controls.first { $0.control == .persistenceVerified }
        }
        #expect(try await result()?.verdict == .notApplicable)
        settings.persistence = [PersistenceEntry(path: "/var/lib/new", mechanism: .bind)]
        let new = try #require(try await result())
        #expect(new.verdict == .unknown)
        #expect(new.sentence.contains("/var/lib/new"))
    }

    @Test func `stored drift is not complete by what is declared today, where it was observed by something else`()
        async throws
    {
        let settings = scene.settings[0]
        _ = try await scene.engine.observe(settings, kind: .drift)
        #expect(try await stored(settings).gaps.isEmpty)
        var changed = settings
        changed.persistence.append(PersistenceEntry(path: "/var/lib/new", mechanism: .bind))
        #expect(try await stored(changed).gaps.map(\.reason) == [.notAsked])
        changed.persistence = []
        #expect(try await stored(changed).gaps.count == settings.persistenceSet().count)
        changed = settings
        changed.root?.erases = ["/not-mounted", "/persist"]
        let more = try await stored(changed)
        #expect(!more.isComplete && more.gaps.map { $0.message.contains("/persist") } == [true])
    }

    @Test func `of a host that does not answer the last known drift is told, with its age`() async throws {
        lose(["/data/a", "/data/b"])
        let settings = scene.settings[0]
        let seen = try await scene.engine.observe(settings, kind: .drift)
        scene.host.machine.goDown()
        let now = scene.fleet.clock.date
        let live = try await DriftSurvey(scene.store).observed([settings], by: scene.engine)
        for host in live + [try await stored(settings, days: 2)] {
            #expect(host.outcome == .unreachable)
            #expect(host.counts[.unexplained] == 2)
            #expect(host.lines.map(\.entry.change.path.printable) == ["/data/a", "/data/b"])
            #expect(host.driftAt == seen.observation.observedAt)
            #expect(host.gaps.contains { $0.message.contains("ago, at ") })
            let report = DriftReport(generatedAt: now, hosts: [host])
            #expect(report.exitStatus(failOn: [.unexplained]) == .incomplete)
            #expect(report.text(width: 120, color: false).contains("36"))
        }
        let trend = try await scene.store.driftTrend(
            for: [settings.host], from: now.addingTimeInterval(-86_400), to: now)
        #expect(trend.last?.unexplained == 2)
    }

    @Test func `an acceptance says what it covers now, and which secrets it does not`() async throws {
        lose(["/data/a", "/data/b"])
        scene.host.machine.drift += ["\t/data/ca.key//f 9 600 0 0 1790000000.0000000000 1790000000.0000000000 8"]
        scene.host.machine.drift += ["\t/data/x*y//f 9 644 0 0 1790000000.0000000000 1790000000.0000000000 9"]
        let settings = scene.settings[0]
        let survey = DriftSurvey(scene.store)
        #expect(try await survey.coverage(of: acceptance("/data/**"), on: [settings]) == ["a: it was never observed"])
        _ = try await scene.engine.observe(settings, kind: .drift)
        let line = try #require(try await survey.coverage(of: acceptance("/data/**"), on: [settings]).first)
        #expect(line.hasPrefix("a: it covers 3 paths, 45 in files; 1 secret is not covered"), "\(line)")
        #expect(line.contains("/data/ca.key"))
        let all = try #require(
            try await survey.coverage(of: acceptance("/data/**", class: .secret), on: [settings]).first)
        #expect(all.hasPrefix("a: it covers 4 paths, 54 in files (as observed "), "\(all)")
        #expect(try await survey.isStored(BytePath("/data/x*y"), of: [settings]))
        #expect(try await !survey.isStored(BytePath("/data/*"), of: [settings]))
        #expect(try await survey.hosts([settings], atRiskBelow: acceptance("/da*/**")).count == 1)
        #expect(try await survey.hosts([settings], atRiskBelow: acceptance("/srv/**")).isEmpty)
    }

    @Test func `what somebody agreed to lose is on the record`() async throws {
        lose(["/data/dump"], size: 2 << 20)
        let (driver, _) = scene.driver()
        let refused = try await driver.start(scene.plan, pattern: "a", acceptsLoss: false)
        let end = try #require(try await scene.attempts().last)
        #expect(end.rollout == refused && end.reason == AttemptReason.driftOverPolicy.rawValue)
        #expect(end.lastEvent.detail["message"]?.contains("/data/dump (unknown)") == true)
        #expect(scene.host.machine.boots == 0)
        let losses = try await driver.losses(of: scene.plan)
        #expect(losses.map(\.losses.text).first?.contains("/data/dump (unknown)") == true)

        _ = try await driver.start(scene.plan, pattern: "a", acceptsLoss: true)
        let attempt = try #require(try await scene.attempts().last)
        #expect(attempt.state == .proven)
        let notes = try await scene.store.events(of: attempt.id).compactMap { $0.detail["note"] }
        #expect(notes.contains { $0.hasPrefix("agreed to lose /data/dump (unknown)") }, "\(notes)")
    }
}
