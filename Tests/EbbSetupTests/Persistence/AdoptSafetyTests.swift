import EbbModel
import EbbProbe
import EbbSetup
import Testing

/// What another account on the host can do to a move, which root performs.
@Suite struct AdoptSafetyTests {
    @Test func `root moves nothing where another account can change the way`() async throws {
        let cases: [(code: AdoptRefusal.Code, setup: String, words: String)] = [
            (.notRoots, "make; chown 1000 \"${path%/*}\"", "belongs to"),
            (.notRoots, "make; chmod g+w \"${path%/*}\"", "others than root may write"),
            (.notRoots, "make; chmod 1777 \"${path%/*}\"", "others than root may write"),
            (.notRoots, "make; chown 1000 root", "belongs to"),
            (.notRoots, "make; setfacl -m u:1000:rwx \"${path%/*}\"", "others than root may write"),
            (.notRoots, "make; mkdir -p \"${target%/*}\"; chown 1000 \"${target%/*}\"", "belongs to"),
            (.notRoots, "make; mkdir x; ln -s $PWD/x \"${target%/*}\"", "is a symbolic link"),
            (.storageNotRoots, "make; chown 1000 persist", "belongs to"),
            (.storageNotRoots, "make; mkdir persist/.ebb; chown 1000 persist/.ebb", "belongs to"),
            (.storageNotRoots, "make; mkdir -m 777 persist/.ebb", "others than root may write"),
            (.storageNotRoots, "make; mkdir x; ln -s $PWD/x persist/.ebb", "is a symbolic link"),
            (.storageNotRoots, "make; mkdir -p persist/.ebb/adopt; chown 1000 persist/.ebb/adopt", "belongs to"),
        ]
        for (code, setup, words) in cases {
            let bench = try Bench()
            defer { bench.remove() }
            let list = "(find root persist x -printf '%p %y %u %m %l\\n' | grep -v '/[.]ebb' | sort)"
            let script = try bench.prepare(.adopt, bench.entry())
            let (report, rest) = try await bench.report(
                "\(setup)\n\(list) >before 2>&1", script, after: "\(list) >after 2>&1; cmp before after && echo same")
            guard case .refused(let refusal) = report.end else {
                Issue.record("\(setup): \(report.end) \(report.notes)")
                continue
            }
            #expect(refusal.code == code, "\(setup): \(refusal)")
            #expect(refusal.message.contains(words), "\(setup): \(refusal)")
            #expect(rest.hasSuffix("same\n"), "\(setup): \(rest)")
        }
    }

    @Test func `what a closed directory kept from others stays closed`() async throws {
        let bench = try Bench()
        defer { bench.remove() }
        let open = PersistenceEntry(
            path: bench.path, mechanism: .symlink, target: "\(bench.directory)/persist/open/data")
        let refused = try await bench.report("make; chmod 700 \"${path%/*}\"", bench.prepare(.adopt, open))
        guard case .refused(let refusal) = refused.report.end else {
            Issue.record("\(refused.report.end)")
            return
        }
        #expect(refusal.code == .opensUp, "\(refusal)")

        let closed = try await bench.report(
            "make; chmod 700 \"${path%/*}\"; mkdir -m 700 persist/open", bench.prepare(.adopt, open),
            after: "cat \"$path/one\"")
        #expect(closed.report.outcome == .changed, "\(closed.report.end)")
        #expect(closed.rest == "one\n")
    }

    @Test func `parents on persistent storage are root's, and as closed as the original's`() async throws {
        let bench = try Bench()
        defer { bench.remove() }
        let entry = PersistenceEntry(
            path: bench.path, mechanism: .bind, target: "\(bench.directory)/persist\(bench.path)")
        let (report, rest) = try await bench.report(
            "make; chgrp 12 \"${path%/*}\"; chmod 750 \"${path%/*}\"", bench.prepare(.adopt, entry),
            after: "stat -c '%u %g %a' \"persist${path%/*}\" persist/.ebb")
        #expect(report.outcome == .changed, "\(report.end)")
        #expect(rest == "0 12 750\n0 0 700\n")
    }

    @Test func `a user who renames and links as fast as they can gets nothing moved elsewhere`() async throws {
        let bench = try Bench(name: "home/user/notes")
        defer { bench.remove() }
        try bench.prepare(.adopt, bench.entry())
        let output = try await bench.run(
            """
            chmod 755 . root
            mkdir -p root/home/user root/secret persist/secret
            echo treasure >root/secret/file; chmod 700 root/secret persist/secret
            chown 1000 root/home/user
            setpriv --reuid=1000 --clear-groups sh -c '
                cd root/home/user || exit 1
                while :; do
                    mkdir -p notes; echo mine >notes/one; mv notes aside; ln -s ../../secret notes
                    rm notes; mv aside notes; rm -rf notes
                done' 2>/dev/null &
            racer=$!
            touch started
            done=0
            while [ "$done" -lt 60 ]; do
                sh -s <adopt >answer 2>&1
                cut -f 2,3 answer | tail -n 1
                done=$((done + 1))
            done
            kill "$racer"
            find persist root/secret -newer started ! -path '*/.ebb*' -printf 'made %p\\n'
            grep -c " $PWD/root/" /proc/self/mountinfo
            """)
        let lines = output.split(separator: "\n").map(String.init)
        #expect(lines.filter { $0.hasPrefix("end\trefused:") }.count == 60, "\(output)")
        #expect(!lines.contains { $0.hasPrefix("made") && $0.contains("file") }, "\(output)")
        #expect(lines.last == "0", "\(output)")
    }

    @Test func `a subvolume inside the path is not left behind`() async throws {
        let bench = try Bench()
        defer { bench.remove() }
        // Two devices below one path, as a nested subvolume shows itself, and no mount in between.
        let script = try bench.prepare(.adopt, bench.entry())
        let (report, _) = try await bench.report(
            """
            truncate -s 128M sub.img && mkfs.btrfs -q -M sub.img && umount root && mount -o loop sub.img root
            mkdir -p "${path%/*}"; make
            btrfs -q subvolume create "$path/sub/volume" && echo deep >"$path/sub/volume/file"
            """, script)
        guard case .refused(let refusal) = report.end else {
            Issue.record("\(report.end)")
            return
        }
        #expect(refusal.code == .containsSubvolume, "\(refusal)")
        #expect(refusal.message.contains("sub/volume"), "\(refusal)")
    }

    @Test func `a full disk leaves the table as it was`() async throws {
        let bench = try Bench()
        defer { bench.remove() }
        try bench.prepare(.adopt, bench.entry())
        let script = try bench.prepare(.rollback, bench.entry())
        // A grep that cannot write its output, as on a full disk.
        try bench.write("#!/bin/sh\ncase $* in *-vxF*) exit 2 ;; esac\nexec /bin/grep \"$@\"\n", to: "tools/grep")
        let (report, rest) = try await bench.report(
            """
            make; mkdir -m 700 persist/.ebb; printf 'bind\\t/other\\t/persist/other\\n' >persist/.ebb/persistence.tab
            sh -s <adopt >/dev/null; cp persist/.ebb/persistence.tab before
            chmod 755 tools/grep; PATH=$PWD/tools:$PATH
            """, script, after: "cmp before persist/.ebb/persistence.tab && echo same")
        guard case .failed = report.end else {
            Issue.record("\(report.end)")
            return
        }
        #expect(rest.contains("same"), "\(rest)")
    }
}
