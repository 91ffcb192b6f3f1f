import EbbModel
import EbbProbe
import Testing

@testable import EbbSetup

/// What a move cannot bring over, and how it ends where there is no room.
@Suite struct AdoptLimitsTests {
    @Test func `a storage that fills up in the middle keeps nothing of the move`() async throws {
        // The disk is full when the copy begins, when it is to be flushed, and when the journal is written.
        for (tool, when) in [("cp", "-dRx"), ("sync", "-f"), ("mv", "-T")] {
            let bench = try Bench()
            defer { bench.remove() }
            let script = try bench.prepare(.adopt, bench.entry())
            try bench.write(
                """
                #!/bin/sh
                [ "$1" != \(when) ] || [ ! -e \(bench.directory)/persist/.ebb/adopt ] || [ "\(tool)" != cp ] \
                    || head -c 40000000 /dev/zero >\(bench.directory)/persist/fill 2>/dev/null
                case "\(tool)$*" in sync*data.ebb-new | mv*state) echo "No space left on device" >&2; exit 1 ;; esac
                exec /bin/\(tool) "$@"

                """, to: "tools/\(tool)")
            let (report, rest) = try await bench.report(
                "make; head -c 900000 /dev/urandom >$path/big; chmod 755 tools/*; export PATH=$PWD/tools:$PATH", script,
                after:
                    "cat $path/one; find root persist -name '*ebb-new*' -o -name '.ebb-adopt-*'; ls persist/.ebb/adopt")
            switch report.end {
            case .refused, .failed: break
            default: Issue.record("\(tool): \(report.end)")
            }
            // What else is said is the tool's complaint.
            #expect(rest.hasPrefix("one\n") && !rest.contains("ebb-"), "\(tool): \(rest) \(report.end)")
            #expect(!rest.contains(AdoptScript.identifier(of: BytePath(bench.path))), "\(tool): \(rest)")
        }
    }

    @Test func `what is not carried over is said, and what is there comes through`() async throws {
        let bench = try Bench()
        defer { bench.remove() }
        let script = try bench.prepare(.adopt, bench.entry())
        let (report, rest) = try await bench.report(
            """
            make; mkfifo "$path/pipe"; chattr +i "$path/one"; truncate -s 2G "$path/sparse"; ln "$path/sub/two" "$path/again"
            setfacl -m u:1000:rx,d:u:1000:rwx "$path/sub"; setfattr -n trusted.x -v y "$path/sub"
            setcap cap_net_raw+ep "$path/sub/two"; touch "$path/a
            b"
            """, script,
            after: """
                getfacl -cpn "$target/sub" | grep -c 1000; getfattr --absolute-names --only-values -n trusted.x "$target/sub"; echo
                getcap "$target/sub/two" | grep -c net_raw; stat -c %h "$target/again"; du -k "$target/sparse" | cut -f 1
                find "$target" -maxdepth 1 -name 'a?b' | wc -l
                """)
        #expect(report.outcome == .changed, "\(report.end)")
        #expect(report.notes.contains { $0.topic == "special" && $0.message.contains("p pipe") }, "\(report.notes)")
        #expect(report.notes.contains { $0.topic == "flags" && $0.message.contains("/one") }, "\(report.notes)")
        #expect(rest == "2\ny\n1\n2\n0\n2\n", "\(rest)")
    }

    @Test func `a name that leaves no room for Ebb's own beside it is refused, and nothing is left`() async throws {
        let bench = try Bench(name: "top/" + String(repeating: "n", count: 250))
        defer { bench.remove() }
        let script = try bench.prepare(.adopt, bench.entry())
        let (report, rest) = try await bench.report(
            "make", script, after: "find root persist -name '.ebb-adopt-*'; ls persist/.ebb/adopt")
        guard case .refused(let refusal) = report.end else {
            Issue.record("\(report.end)")
            return
        }
        #expect(refusal.code == .badPath && refusal.message.contains("255 bytes"), "\(refusal)")
        #expect(rest.isEmpty, "\(rest)")
    }

    @Test func `a storage that cannot hold what there is says so, and not that it changed`() async throws {
        let bench = try Bench()
        defer { bench.remove() }
        let script = try bench.prepare(.adopt, bench.entry())
        // Persistent storage without access lists.
        try bench.write(
            """
            #!/bin/sh
            /bin/cp "$@" || exit
            case $* in *dRx*) ;; *) exit 0 ;; esac
            for last do :; done
            setfacl -b "$last/sub"
            echo "cp: preserving permissions for '$last/sub': Operation not supported" >&2
            exit 1

            """, to: "tools/cp")
        let (report, rest) = try await bench.report(
            "make; setfacl -m u:1000:rx $path/sub; chmod 755 tools/cp; export PATH=$PWD/tools:$PATH", script,
            after: "find root persist -name '*ebb-new*' -o -name '.ebb-adopt-*'")
        guard case .refused(let refusal) = report.end else {
            Issue.record("\(report.end)")
            return
        }
        #expect(refusal.code == .notCopied && refusal.message.contains("Operation not supported"), "\(refusal)")
        #expect(rest.isEmpty, "\(rest)")
    }

    @Test func `a forged note of a moment to come is no word for the original`() async throws {
        let bench = try Bench()
        defer { bench.remove() }
        let script = try bench.prepare(.adopt, bench.entry())
        let (report, _) = try await bench.report(
            """
            make; sh -s <adopt >/dev/null; sed -i -E 's/ [0-9]+[.]/ 4000000000./' persist/.ebb/adopt/*/settled
            mkdir o; mount --bind root/top o; echo late >o/data/late; umount o
            """, script)
        guard case .refused(let refusal) = report.end else {
            Issue.record("\(report.end)")
            return
        }
        #expect(refusal.code == .diverged, "\(refusal)")
    }
}
