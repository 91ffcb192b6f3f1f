import EbbInventory
import EbbModel
import Testing

/// What the inventory says of the controller, and of reboots that come by themselves.
struct FleetTests {
    private let hosts = "all: {hosts: {a: , b: }}"

    @Test func `the channels, and how often hosts are looked at, are read`() throws {
        let reading = read([
            "hosts.yml": hosts,
            "group_vars/all.yml": """
            ebb_fleet:
              collect_every: 6h
              verify_every: 2d
              notify:
                - {name: ops, webhook: "https://chat.example/x", headers: {Authorization: s3cret}, events: [failure, missed]}
                - {name: office, mail: [ops@example.org], from: ebb@example.org}
                - {name: pager, command: [/bin/page, --urgent], events: stuck}
            """,
        ])
        #expect(reading.told == [])
        let fleet = reading.inventory.fleet
        #expect(fleet.collectEvery == 21_600 && fleet.verifyEvery == 172_800)
        #expect(
            fleet.notify == [
                NoticeChannel(
                    name: "ops",
                    way: .webhook(url: Secret("https://chat.example/x"), headers: ["Authorization": Secret("s3cret")]),
                    events: [.failure, .missed]),
                NoticeChannel(name: "office", way: .mail(to: ["ops@example.org"], from: "ebb@example.org")),
                NoticeChannel(
                    name: "pager", way: .command(program: "/bin/page", arguments: ["--urgent"]), events: [.stuck]),
            ])
        // No host's own settings show what is the controller's.
        for host in reading.inventory.hosts { #expect(!host.origins.contains { $0.key.hasPrefix("ebb_fleet") }) }
    }

    @Test func `what cannot be meant is a problem, and no secret is repeated in it`() {
        let reading = read([
            "hosts.yml": hosts,
            "group_vars/all.yml": """
            ebb_fleet:
              collect_evry: 6h
              notify:
                - {name: ops, webhook: "chat.example/token"}
                - {name: ops, mail: a@example.org, command: page, events: [faliure]}
                - {name: none}
            """, "host_vars/a.yml": "ebb_fleet: {}",
        ])
        let text = reading.told.joined(separator: "\n")
        for part in [
            "has no setting “collect_evry”", "webhook must be an http or https address", "has several ways",
            "events cannot be “faliure” (did you mean “failure”?)", "has no way to deliver notices",
            "ebb_fleet is about the whole fleet",
        ] { #expect(text.contains(part), "\(part) in \(text)") }
        #expect(!reading.isUsable)
    }

    @Test func `a scheduled host needs a window, and a window alone schedules nothing`() throws {
        let reading = read([
            "hosts.yml": hosts, "host_vars/a.yml": "ebb: {reboot: {scheduled: true}}",
            "host_vars/b.yml": """
            ebb:
              reboot:
                only_if_older_than: 25d
                window: {rrule: FREQ=DAILY, start: "02:00", duration: 1h, timezone: UTC}
            """,
        ])
        let text = reading.told.joined(separator: "\n")
        #expect(text.contains("ebb.reboot.scheduled needs a window"))
        #expect(text.contains("only_if_older_than is for scheduled reboots"))
        #expect(try reading.settings("b")?.reboot.isScheduled == false)
    }
}
