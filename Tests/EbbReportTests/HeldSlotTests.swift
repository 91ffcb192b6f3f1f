import EbbModel
import FoundationEssentials
import Testing

@testable import EbbReport

@Suite struct HeldSlotTests {
    private func slots() throws -> [HeldSlot] {
        let (host, other) = (try HostName("builder1"), try HostName("builder1-old"))
        let since = Date(timeIntervalSince1970: 1_790_000_000)
        return [
            HeldSlot(
                Slot(machine: "builder1", holder: .host(host), since: since, names: [host, other], limits: ["web"]),
                age: 7_500, reason: "never-back", message: "it did not answer within 600 s", rollout: 7,
                ends: [
                    "`ebb reboot run builder1`, which judges its boot once it is back",
                    "`ebb reboot override 7 builder1 --reason …`",
                ]),
            HeldSlot(
                Slot(machine: "zincati\u{1b}[31m", holder: .agent(group: "web"), since: since), age: 3, reason: "agent",
                message: "an agent outside Ebb asked for it", rollout: nil, ends: ["its own request"]),
        ]
    }

    @Test(arguments: [120, 80, 50]) func `no command is cut short, whatever the width`(width: Int) throws {
        let text = HeldSlot.text(try slots(), width: width, color: false)
        let lines = text.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= width }, "\(text)")
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for part in [
            "2 slots held", "builder1 (also builder1-old), since", "for 2h05m", "never-back: it did not answer",
            "ends by `ebb reboot run builder1`,", "or `ebb reboot override 7 builder1 --reason …`", "of group web",
        ] { #expect(words.contains(part), "\(part) in \(text)") }
        #expect(!text.contains("\u{1b}"))
    }

    @Test func `where none is held the report says so`() {
        #expect(HeldSlot.text([], width: 80, color: false) == "no slot is held\n")
    }
}
