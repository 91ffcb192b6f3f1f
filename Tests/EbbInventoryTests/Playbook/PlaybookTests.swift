import Foundation
import Testing

@testable import EbbInventory
@testable import EbbModel

@Suite struct PlaybookTests {
    private func read(_ text: String) -> PlaybookReader.Reading {
        PlaybookReader.read(Array(text.utf8), file: "play.yml")
    }

    @Test func `steps are read with their settings, and defaults where none are written`() throws {
        let reading = read(
            """
            name: Sunday
            hosts: build_farm:!builder3
            steps:
              - drift: {fail_on: leaked, tolerated: 2, max_age: 1h}
                name: look
                on_failure: leave_out
              - run: {command: systemctl stop buildbot, timeout: 2m}
              - run: uptime
              - reboot: {waves: [1, 50%, rest], max_unavailable: 10%, soak: 30s}
              - verify
              - onboard: plan
              - report: {kind: drift, format: json, output: drift.json}
            """)
        #expect(reading.problems == [])
        let playbook = try #require(reading.playbook)
        #expect(playbook.hosts == "build_farm:!builder3")
        #expect(playbook.steps.map(\.name).first == "look")
        #expect(playbook.steps.first?.onFailure == .leaveOut)
        #expect(playbook.changesHosts)
        #expect(
            playbook.steps.map(\.action) == [
                .drift(.init(failOn: [.leaked], tolerated: 2, maxAge: 3_600)),
                .run(.init(line: "systemctl stop buildbot", place: .hosts, isReadOnly: false, timeout: 120)),
                .run(.init(line: "uptime", place: .hosts, isReadOnly: false, timeout: 300)),
                .reboot(
                    .init(
                        waves: [.hosts(1), .percent(50), .rest], maxUnavailable: .percent(10), soak: 30,
                        acceptsLoss: false)), .verify, .onboard(.plan),
                .report(.init(kind: .drift, format: "json", output: "drift.json")),
            ])
    }

    @Test func `every problem of a playbook is told at once`() {
        let told = read(
            """
            nmae: x
            steps:
              - rebot: {}
              - drift: {fail_on: [lost], tolerated: -1}
                on_failure: continue
              - {reboot: {wave: 1}, verify: }
              - run: {on: host}
              - onboard: aply
              - 7: 8
              - [a]
            """
        ).problems.map(\.description)
        for text in [
            ":1: error: the playbook has no setting “nmae” (did you mean “name”?)",
            ":1: error: the playbook lacks “hosts”", ":3: error: no step is called “rebot” (did you mean “reboot”?)",
            ":4: error: step drift.fail_on cannot be “lost”",
            ":4: error: step drift.tolerated must be a whole number from 0 to 1000000, not “-1”",
            ":5: error: step drift.on_failure cannot be “continue”",
            ":6: error: a step does one thing, not “reboot” and “verify”", ":7: error: step run lacks “command”",
            ":7: error: step run.on cannot be “host” (did you mean “hosts”?)",
            ":8: error: step onboard cannot be “aply” (did you mean “apply”?)", ":9: error: no step is called “7”",
            ":10: error: a step is a map, not a list",
        ] { #expect(told.contains { $0.contains(text) }, "missing: \(text)") }
        #expect(read("").problems.contains { $0.message.contains("is empty") })
        #expect(read("").playbook == nil)
    }

    @Test func `a reboot without a look before it is pointed out`() {
        let reading = read("name: x\nhosts: all\nsteps: [reboot]\n")
        #expect(reading.playbook != nil)
        #expect(reading.problems.map(\.severity) == [.warning])
    }

    @Test func `the playbooks that come with Ebb have no problems`() throws {
        let folder = (#filePath as NSString).deletingLastPathComponent + "/../../../playbooks"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(names == ["compliance.yml", "drift-report.yml", "onboard.yml", "rolling-reboot.yml"])
        for name in names {
            let data = try Data(contentsOf: URL(filePath: folder + "/" + name))
            let reading = PlaybookReader.read(Array(data), file: name)
            #expect(reading.problems == [] && reading.playbook != nil, "\(name)")
        }
    }
}
