import Foundation
import Subprocess
import Testing

/// What a person does with stored evidence: verify it, sign an export, meet a broken database.
@Suite struct EvidenceCommandTests {
    private static let root = (#filePath as NSString).deletingLastPathComponent + "/../.."

    /// Runs a shell script with `$ebb`, in a directory that holds a small fleet with a past.
    private func tell(_ script: String) async throws -> (output: String, status: Int32) {
        let directory = NSTemporaryDirectory() + "ebb-evidence-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let prepared = """
            set -u
            "$1/Benchmarks/simulate-history" "$2" --hosts 3 --days 16 --ebb "$ebb" >/dev/null || exit 99
            cd "$2"
            export EBB_INVENTORY=$2/inventory EBB_DATABASE=$2/ebb.sqlite
            exec 2>&1

            """
        let result = try await Subprocess.run(
            .name("sh"), arguments: ["-c", prepared + script, "sh", Self.root, directory],
            environment: .inherit.updating(["ebb": BuiltTool.path, "LC_ALL": "C.UTF-8"]),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        guard case .exited(let status) = result.terminationStatus else { return ("", -1) }
        return (result.standardOutput + result.standardError, status)
    }

    @Test func `evidence edited with sqlite3 is found, and the first bad row is named`() async throws {
        let answer = try await tell(
            """
            "$ebb" database verify || exit 1
            edit() {
                cp ebb.sqlite edited.sqlite
                sqlite3 edited.sqlite "DROP TRIGGER evidenceIsNeverChanged;
                    DROP TRIGGER evidenceIsNeverRemoved; PRAGMA foreign_keys = OFF; $1" || exit 98
                "$ebb" database verify --database edited.sqlite >said; status=$?
                echo "$status $(grep '^row' said | head -n 1)"
            }
            edit "UPDATE evidence SET detail = '{}' WHERE id = 9"
            edit "UPDATE evidence SET recordedAt = recordedAt + 1 WHERE id IN (30, 12)"
            edit "DELETE FROM evidence WHERE id = 20"
            edit "UPDATE boot SET erasure = 'erased', retention = 'leaked' WHERE evidenceID IS NOT NULL"
            edit "UPDATE driftOpen SET verdict = 'accepted' WHERE path = CAST('/var/log/wtmp' AS BLOB)"
            edit "UPDATE observation SET unexplainedPaths = 7 WHERE id = 3"
            """)
        let lines = answer.output.split(separator: "\n").map(String.init)
        #expect(lines.contains("intact"), "\(answer.output)")
        let told = lines.filter { $0.hasPrefix("3 row ") }
        #expect(told.count == 6, "\(answer.output)")
        for (line, row) in zip(told, ["9:", "12:", "21:"]) { #expect(line.hasPrefix("3 row \(row)"), "\(line)") }
    }

    @Test func `a signature holds for the export that was signed, and for no other`() async throws {
        let answer = try await tell(
            """
            ssh-keygen -q -t ed25519 -N '' -C audit -f key
            echo "audit@example $(cat key.pub)" >signers
            "$ebb" compliance export --format json --output report.json --sign key; echo "made $?"
            check() {
                ssh-keygen -Y verify -f signers -I audit@example -n "$1" -s report.json.sig \
                    >/dev/null; echo "verify $?"
            }
            check ebb-compliance <report.json
            sed 's/"compliant": [0-9]*/"compliant": 3/; s/node0001/node0009/' report.json |
                check ebb-compliance
            check other-purpose <report.json
            "$ebb" compliance export --format json --output never.json --sign no-such-key
            echo "unsigned $?"
            ls | grep never; "$ebb" compliance export --sign key >/dev/null; echo "no file $?"
            """)
        let lines = answer.output.split(whereSeparator: \.isNewline).map(String.init)
        #expect(
            lines.filter { $0.hasPrefix("made") || $0.hasPrefix("verify") || $0.hasPrefix("un") } == [
                "made 4", "verify 0", "verify 255", "verify 255", "unsigned 1",
            ], "\(answer.output)")
        #expect(!answer.output.contains("never.json\n"))
        #expect(lines.last == "no file 2")
    }

    @Test func `a database that cannot be used is named before a host is touched`() async throws {
        let answer = try await tell(
            """
            mkdir place
            try() { # NAME: whatever it says, the host at this port is never asked to reboot
                echo "== $1"
                "$ebb" reboot run all --yes --database place/ebb.sqlite; echo "status $?"
            }
            head -c 20000 /dev/urandom >place/ebb.sqlite
            try corrupt
            rm place/*; cp ebb.sqlite place/; mkfifo hold
            python3 -c 'if True:
                import sqlite3, sys
                other = sqlite3.connect("place/ebb.sqlite", isolation_level=None)
                other.execute("BEGIN IMMEDIATE")
                print("held", flush=True)
                sys.stdin.read()' <hold >held &
            exec 3>hold
            until grep -q held held; do :; done
            try locked
            exec 3>&-; wait
            rm place/*
            unshare -m sh -c '
                mount -t tmpfs -o size=4m none place && cp ebb.sqlite place/ || exit 97
                mount -o remount,ro place
                echo "== read-only"
                "$ebb" reboot run all --yes --database place/ebb.sqlite; echo "status $?"
                mount -o remount,rw place
                dd if=/dev/zero of=place/rest bs=4k 2>/dev/null
                echo "== full"
                "$ebb" reboot run all --yes --database place/ebb.sqlite; echo "status $?"
            '
            """)
        let parts = answer.output.components(separatedBy: "== ").dropFirst()
        #expect(parts.count == 4, "\(answer.output)")
        for (part, word) in zip(
            parts,
            [
                "place/ebb.sqlite is damaged, or is not Ebb's", "another process", "cannot be written",
                "the disk is full",
            ])
        {
            #expect(part.contains(word), "\(part)")
            #expect(part.contains("status 1"), "\(part)")
            #expect(!part.contains("executing"), "\(part)")
            #expect(!part.contains("this was not expected"), "\(part)")
        }
    }
}
