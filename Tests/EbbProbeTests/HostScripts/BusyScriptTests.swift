import EbbModel
import EbbTestSupport
import Foundation
import Testing

@testable import EbbProbe

/// What a reboot would cut short, as real shells and the real kernel tell it.
@Suite(.serialized, .blocking) struct BusyScriptTests {
    @Test(arguments: RealShell.shells) func `a process that holds a lock is named, and only then`(shell: [String])
        throws
    {
        let place = NSTemporaryDirectory() + "ebb-busy-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: place) }
        // The script with a lock file of the test's own in the place of dpkg's.
        let text = String(decoding: PackageResources.busy_sh, as: UTF8.self).replacingOccurrences(
            of: "/var/lib/dpkg/lock |", with: "\(place) |")
        let script =
            "if [ -n \"$1\" ]; then flock --no-fork '\(place)' sleep 60 >/dev/null 2>&1 & sleep 0.5; fi\n" + text
            + "\n[ -z \"$1\" ] || kill $!\n"
        func run(_ word: String) throws -> String {
            let answer = try RealShell.run(Array("set -- '\(word)'\n\(script)".utf8), shell: shell)
            #expect(answer.status == 0 && answer.error.isEmpty, "\(String(decoding: answer.error, as: UTF8.self))")
            return String(decoding: answer.output, as: UTF8.self)
        }
        #expect(try run("lock").contains("holds \(place)"))
        #expect(try !run("").contains("holds \(place)"))
    }

    @Test(arguments: [("rsync", "5", true), ("rsync", "--daemon 5", false), ("dpkg", "5", true), ("btrfs", "5", false)])
    func `a program that copies or changes packages is named`(name: String, words: String, isBusy: Bool) throws {
        let place = NSTemporaryDirectory() + "ebb-busy-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: place) }
        // A program of that name that only waits, whatever its words are.
        let text = """
            cp /bin/sh '\(place)/\(name)'
            '\(place)/\(name)' -c 'read -r x' sh \(words) <"$0.fifo" >/dev/null 2>&1 &

            """
        let script =
            "mkfifo '\(place)/p'\n" + text.replacing("$0.fifo", with: place + "/p") + "exec 9>'\(place)/p'\nsleep 0.3\n"
        let answer = try RealShell.run(Array(script.utf8) + PackageResources.busy_sh)
        #expect(String(decoding: answer.output, as: UTF8.self).contains("(\(name))") == isBusy)
    }
}
