import EbbModel
import Testing

@Suite struct MachineMarksTests {
    @Test(arguments: [
        "", " ", "0", "00000000", "To Be Filled By O.E.M.", "To be filled by O.E.M", "Default string", "None", "NONE ",
        "System Serial Number", "Not Specified", "N/A", "xxxxxxxx", "........", "-", "123456789", "0123456789\0", "OEM",
        "Unknown", "FFFFFFFF", "Chassis Serial Number", "INVALID", "x", "Board Serial Number  ",
    ]) func `what makers leave in place of a serial number is none`(text: String) {
        #expect(MachineMarks.serial(text) == nil)
        #expect(MachineMarks(serial: text).serial == nil)
    }

    @Test(arguments: ["PF2ABC12", "ec2a1f0b-1234", "100000001a2b3c4d", "MJ-12", "Serial-77X"])
    func `a serial number is one`(text: String) { #expect(MachineMarks.serial(" \(text)\0\n") == text) }

    private static let own = MachineMarks(machineID: "m1", hostKeys: ["ed": "k1"], serial: "S-1")

    @Test func `two marks that agree and none that does not make one machine`() {
        let cases: [(MachineMarks, MachineMarks.Relation)] = [
            (Self.own, .same), (MachineMarks(machineID: "m1", hostKeys: ["ed": "k1"]), .same),
            (MachineMarks(machineID: "m1", serial: "S-1"), .same),
            (MachineMarks(machineID: "m1", hostKeys: ["rsa": "k9"], serial: "S-1"), .same),
            // One mark alone may be a mark of a kind, not of a machine.
            (MachineMarks(machineID: "m1"), .other), (MachineMarks(hostKeys: ["ed": "k1"]), .other),
            (MachineMarks(), .other), (MachineMarks(machineID: "m2", hostKeys: ["ed": "k2"], serial: "S-2"), .other),
            (MachineMarks(machineID: "m1", hostKeys: ["ed": "k2"]), .unclear),
            (MachineMarks(machineID: "m2", hostKeys: ["ed": "k1"]), .unclear),
            (MachineMarks(machineID: "m1", hostKeys: ["ed": "k1"], serial: "S-2"), .unclear),
            (MachineMarks(machineID: "m1", hostKeys: ["ed": "k1", "rsa": "x"], serial: "None"), .same),
        ]
        for (other, relation) in cases {
            #expect(Self.own.relation(to: other) == relation, "\(other)")
            #expect(other.relation(to: Self.own) == relation, "\(other)")
        }
        let types = MachineMarks(machineID: "m1", hostKeys: ["ed": "k1", "rsa": "a"])
        #expect(types.relation(to: MachineMarks(machineID: "m1", hostKeys: ["ed": "k1", "rsa": "b"])) == .unclear)
    }

    @Test func `names of one machine stand together, and what a person accepted stands apart`() throws {
        let (a, b, c, d) = (try HostName("a"), try HostName("b"), try HostName("c"), try HostName("d"))
        var clone = Self.own
        clone.machineID = "m3"
        let marks = [a: Self.own, b: Self.own, c: clone, d: MachineMarks(machineID: "m4", hostKeys: ["ed": "k4"])]
        let machines = Machines(marks)
        #expect(machines.names(of: a) == [a, b, c] && machines.names(of: d) == [d])
        #expect(machines.others(of: a, .same) == [b] && machines.others(of: a, .unclear) == [c])
        #expect(machines.isUnclear(c, beside: { _ in true })?.contains("ebb host accept c machine") == true)
        #expect(machines.isUnclear(c, beside: { $0 == d }) == nil)
        let accepted = Machines(marks, accepted: [c: clone])
        #expect(accepted.names(of: a) == [a, b] && accepted.names(of: c) == [c])
        // It holds for these marks only.
        clone.serial = "S-1"
        clone.hostKeys = ["ed": "k9"]
        #expect(Machines([a: Self.own, c: clone], accepted: [c: marks[c] ?? clone]).names(of: c) == [a, c])
    }

    @Test func `a whole fleet with one host key is compared in bounded time, and none of it is overlooked`() throws {
        var marks: [HostName: MachineMarks] = [:]
        for number in 0..<3_000 {
            marks[try HostName("h\(number)")] = MachineMarks(machineID: "m\(number / 2)", hostKeys: ["ed": "one"])
        }
        let machines = Machines(marks)
        for number in stride(from: 0, to: 3_000, by: 2) {
            let (one, two) = (try HostName("h\(number)"), try HostName("h\(number + 1)"))
            #expect(machines.others(of: one, .same) == [two])
        }
        #expect(try machines.isUnclear(HostName("h2999"), beside: { _ in true }) != nil)
    }
}
