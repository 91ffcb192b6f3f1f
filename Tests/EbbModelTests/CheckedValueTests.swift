import EbbModel
import EbbTestSupport
import Foundation
import Testing

/// Values whose type is the proof that their text was checked.
@Suite struct CheckedValueTests {
    private static let boot = "1b4e28ba-2fa1-11d2-883f-0016d3cca427"

    @Test func `a boot id is the kernel's text and nothing else`() {
        #expect(BootID(Self.boot)?.text == Self.boot)
        #expect(BootID(Self.boot + "\n")?.text == Self.boot)
        for text in ["", "\n", Self.boot + "\n\n", Self.boot.uppercased(), Self.boot + "0"] {
            #expect(BootID(text) == nil, "\(text)")
        }
        #expect(BootID(Self.boot.replacing("-", with: "0")) == nil)
    }

    @Test(arguments: ["", "-v", "a b", "a/b", "a'b", "a\n", "é", String(repeating: "a", count: 254)])
    func `a host name cannot be misread by a shell, a path or a terminal`(text: String) {
        #expect(throws: InvalidHostName.self) { try HostName(text) }
    }

    @Test(arguments: ["builder1", "db-1.example.org", "fe80::1", "a_b"]) func `names that inventories use are taken`(
        text: String
    ) throws { #expect(try HostName(text).text == text) }

    @Test func `days count both ways, and those that do not exist are refused`() throws {
        // 1970 to 2370, which holds every rule of the calendar.
        for days in stride(from: 0, through: 146_097, by: 1) {
            let date = CalendarDate(daysSinceEpoch: days)
            #expect(date.daysSinceEpoch == days)
            #expect(CalendarDate(date.description) == date)
        }
        #expect(CalendarDate("2024-02-29") != nil)
        for text in [
            "2023-02-29", "2100-02-29", "2024-13-01", "2024-00-10", "24-01-01", "2024-1-1", "2024-01-01 ", "+024-01-01",
            "٢٠٢٤-01-01",
        ] { #expect(CalendarDate(text) == nil, "\(text)") }
    }

    @Test func `lengths of time are read back as they are written`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<2_000 {
            let seconds = Int.random(in: 0...100_000_000, using: &random)
            #expect(TimeSpan.seconds(TimeSpan.text(seconds)) == seconds, "seed \(seed)")
        }
        for text in ["", "5", "s", "1m1h", "1h1h", "-1s", "1.5h", "99999999999999999999w", "٣s"] {
            #expect(TimeSpan.seconds(text) == nil, "\(text)")
        }
    }

    @Test func `a time of day is four digits`() {
        #expect(TimeOfDay("23:59")?.seconds == 86_340)
        for text in ["24:00", "1:00", "01:60", "0100", "01:00:00", " 1:00"] {
            #expect(TimeOfDay(text) == nil, "\(text)")
        }
    }

    @Test func `a secret is not shown by anything that shows values`() throws {
        let secret = Secret("hunter2")
        var dumped = ""
        dump([secret], to: &dumped)
        let encoded = String(decoding: try JSONEncoder().encode([secret]), as: UTF8.self)
        for text in ["\(secret)", String(reflecting: secret), dumped, encoded] {
            #expect(!text.contains("hunter2"), "\(text)")
        }
        #expect(secret.reveal() == "hunter2")
    }
}
