import EbbModel
import EbbProbe
import Testing

@testable import EbbSetup

@Suite struct AdoptTests {
    @Test func `a path in use moves, stays where it was, and a second run changes nothing`() async throws {
        for mechanism in [Mechanism.bind, .symlink] {
            let bench = try Bench()
            defer { bench.remove() }
            let script = try bench.prepare(.adopt, bench.entry(mechanism))
            let (report, rest) = try await bench.report(
                "make", script,
                after: """
                    echo new >"$path/new"; cat "$target/sub/two" "$target/new"
                    tail -n 1 persist/.ebb/persistence.tab
                    sh -s <adopt
                    """)
            #expect(report.steps == [.begun, .copying, .copied, .compared, .placing, .placed, .listed, .effective])
            #expect(report.outcome == .changed)
            let line = PersistenceTable.line(mechanism, path: BytePath(bench.path), target: BytePath(bench.target))
            #expect(rest.hasPrefix("two\nnew\n\(line)\n"))
            let second = AdoptReport(parsing: Array(rest.utf8), nonce: script.nonce)
            #expect(second.outcome == .ok)
            #expect(second.steps.isEmpty)
        }
    }

    @Test func `what cannot be moved safely is refused, and left as it is`() async throws {
        let cases: [(code: AdoptRefusal.Code, setup: String)] = [
            (.targetDiffers, "make; mkdir -p \"$target\"; echo other >\"$target/one\""),
            (.busy, "make; exec 5>>\"$path/one\""), (.noSpace, "make; head -c 20000000 /dev/urandom >\"$path/big\""),
            (.storageNotMounted, "make; umount persist"), (.storageNotPersistent, "make; mount -t tmpfs tmpfs persist"),
            (.storageReadOnly, "make; mount -o remount,ro persist"),
            (.containsMount, "make; mount -t tmpfs tmpfs \"$path/sub\""),
            (.mounted, "mkdir -p \"$path\"; mount -t tmpfs tmpfs \"$path\"; echo a >\"$path/a\""),
            (.otherMount, "mount -t tmpfs -o mode=755 tmpfs \"${path%/*}\"; make"),
            (.isLink, "ln -s elsewhere \"$path\""),
            (.linkInPath, "mkdir real; rmdir \"${path%/*}\"; ln -s $PWD/real \"${path%/*}\"; make"),
            (.specialFile, "mkfifo \"$path\""), (.inTheWay, "make; mkdir -p \"$target.ebb-new\""),
            (
                .listedDifferently,
                "make; mkdir persist/.ebb; printf 'symlink\\t%s\\t/x\\n' \"$path\"" + " >persist/.ebb/persistence.tab"
            ),
            (
                .overlap,
                "make; mkdir persist/.ebb; printf 'bind\\t%s\\t/x\\n' \"$path/sub\"" + " >persist/.ebb/persistence.tab"
            ),
            (
                .overlap,
                "make; mkdir persist/.ebb; printf 'bind\\t%s\\t/x\\n' \"${path%/*}\"" + " >persist/.ebb/persistence.tab"
            ), (.locked, "make; mkdir persist/.ebb; exec 8>>persist/.ebb/lock; flock 8"),
            (.bootUnitMissing, "make; mount -t tmpfs tmpfs blank"), (.hardLinked, "make; ln \"$path/one\" root/other"),
            (.hardLinked, "mkdir -p \"$path\"; rmdir \"$path\"; echo a >\"$path\"; ln \"$path\" root/other"),
            (.busy, "make; (cd \"$path/sub\"; exec sleep 2) & sleep 0.1"),
            (
                .busy,
                "make; truncate -s 1M \"$path/img\"; losetup -f --direct-io=off \"$path/img\"; trap 'losetup -d $(losetup -nO NAME -j root/top/data/img)' EXIT"
            ), (.noSpace, "make; head -c 40000000 /dev/zero >persist/fill 2>/dev/null"),
        ]
        for (code, setup) in cases {
            let bench = try Bench()
            defer { bench.remove() }
            let script = try bench.prepare(.adopt, bench.entry())
            let list = "(find root persist -printf '%p %y %l\\n' | grep -v '/[.]ebb' | sort)"
            let (report, rest) = try await bench.report(
                "\(setup)\n\(list) >before 2>&1", script, after: "\(list) >after 2>&1; cmp before after; echo same")
            guard case .refused(let refusal) = report.end else {
                Issue.record("\(code): \(report.end) \(report.notes)")
                continue
            }
            #expect(refusal.code == code, "\(refusal)")
            #expect(rest.contains("same") && !rest.contains("differ"), "\(code): \(rest)")
        }
    }

    @Test func `what a declaration rules out is refused before the host is asked`() throws {
        let bench = try Bench()
        defer { bench.remove() }
        var settings = try bench.settings([
            PersistenceEntry(path: "/var/lib/x", mechanism: .bind),
            PersistenceEntry(path: "/var/lib/x/y", mechanism: .bind),
        ])
        settings.persist = [PersistentStorage(mount: "/persist")]
        let cases: [(AdoptRefusal.Code, PersistenceEntry)] = [
            (.mechanism, PersistenceEntry(path: "/a", mechanism: .dataset)),
            (.badPath, PersistenceEntry(path: "/a/../b", mechanism: .bind)),
            (.badPath, PersistenceEntry(path: "a", mechanism: .bind)),
            (.noStorage, PersistenceEntry(path: "/a", mechanism: .bind, target: "/elsewhere/a")),
            (.overlap, PersistenceEntry(path: "/var/lib/x", mechanism: .bind)),
            (.overlap, PersistenceEntry(path: "/var", mechanism: .bind)),
            (.overlap, PersistenceEntry(path: "/persist/x", mechanism: .bind)),
            (.renamedOver, PersistenceEntry(path: "/etc/shadow", mechanism: .bind)),
            (.renamedOver, PersistenceEntry(path: "/etc/resolv.conf", mechanism: .symlink)),
        ]
        for (code, entry) in cases {
            let refusal = #expect(throws: AdoptRefusal.self) {
                try AdoptScript(.adopt, entry: entry, settings: settings, nonce: .random())
            }
            #expect(refusal?.code == code, "\(entry.path)")
        }
    }

    @Test func `a path that changes while it is copied is copied again, and then refused`() async throws {
        let bench = try Bench()
        defer { bench.remove() }
        let script = try bench.prepare(.adopt, bench.entry())
        // A cp after which the source is no longer what was copied.
        try bench.write("#!/bin/sh\n/bin/cp \"$@\"; echo more >>$path/one\n", to: "tools/cp")
        let (report, rest) = try await bench.report(
            "make; chmod 755 tools/cp; export path PATH=$PWD/tools:$PATH", script,
            after: "cat $path/one; ls -A ${target%/*} ${path%/*}")
        guard case .refused(let refusal) = report.end else {
            Issue.record("\(report.end)")
            return
        }
        #expect(refusal.code == .changing)
        #expect(refusal.message.contains("./one"))
        #expect(rest.hasPrefix("one\nmore\nmore\n"))
        #expect(!rest.contains("ebb-new") && !rest.contains("ebb-adopt"))
    }

    @Test func `a write that slips in before the swap is not lost`() async throws {
        for mechanism in [Mechanism.bind, .symlink] {
            let bench = try Bench()
            defer { bench.remove() }
            let script = try bench.prepare(.adopt, bench.entry(mechanism))
            // The last command before the path is in effect writes to it, once.
            for (tool, real) in [("mount", "/bin/mount"), ("ln", "/bin/ln")] {
                try bench.write(
                    "#!/bin/sh\n[ -e \(bench.directory)/late ] || { : >\(bench.directory)/late; echo late >>$path/one; }\n\(real) \"$@\"\n",
                    to: "tools/\(tool)")
            }
            let (report, rest) = try await bench.report(
                "make; chmod 755 tools/*; export path PATH=$PWD/tools:$PATH", script, after: "cat $target/one")
            #expect(report.outcome == .changed, "\(report.end)")
            #expect(report.steps.filter { $0 == .copied }.count == 2, "\(report)")
            #expect(rest == "one\nlate\n")
        }
    }

    @Test func `a write to the original after the move is told, and nothing is lost`() async throws {
        for (mechanism, late) in [
            (Mechanism.bind, "mkdir o; mount --bind root/top o; echo late >o/data/late; umount o"),
            (.symlink, "echo late >$path.ebb-original/late"),
        ] {
            let bench = try Bench()
            defer { bench.remove() }
            let script = try bench.prepare(.adopt, bench.entry(mechanism))
            try bench.prepare(.rollback, bench.entry(mechanism))
            let (report, rest) = try await bench.report(
                "make; sh -s <adopt >/dev/null; \(late)", script,
                after: "sh -s <rollback >/dev/null; ls $path $path.ebb-old; sh -s <adopt >/dev/null")
            guard case .refused(let refusal) = report.end else {
                Issue.record("\(report.end)")
                return
            }
            #expect(refusal.code == .diverged)
            #expect(refusal.message.contains(": late.") || refusal.message.contains(" late."), "\(refusal.message)")
            #expect(rest.contains("late"), "\(rest)")
        }
    }

    @Test func `the declared owner and mode are given, also to what is in effect`() async throws {
        for mechanism in [Mechanism.bind, .symlink] {
            let bench = try Bench()
            defer { bench.remove() }
            var entry = bench.entry(mechanism)
            (entry.owner, entry.group, entry.mode) = ("daemon", "nogroup", 0o2750)
            let script = try bench.prepare(.adopt, entry)
            let (report, rest) = try await bench.report(
                "make", script, after: "stat -c '%U %G %a' $target; chmod 700 $target; sh -s <adopt; stat -c %a $target"
            )
            #expect(report.outcome == .changed, "\(report.end)")
            #expect(rest.hasPrefix("daemon nogroup 2750\n") && rest.hasSuffix("\n2750\n"), "\(rest)")
            let again = AdoptReport(parsing: Array(rest.utf8), nonce: script.nonce)
            guard case .changed(let words) = again.end else {
                Issue.record("\(again.end)")
                continue
            }
            #expect(words.contains("mode 2750"))
        }
    }

    @Test func `who writes through memory is found, though the file is closed`() async throws {
        let bench = try Bench()
        defer { bench.remove() }
        let script = try bench.prepare(.adopt, bench.entry())
        try bench.write(
            """
            import mmap, os, sys, time
            file = os.open(sys.argv[1], os.O_RDWR)
            memory = mmap.mmap(file, 3)
            os.close(file)
            open("mapped", "w").close()
            time.sleep(60)
            """, to: "mapper.py")
        let (report, _) = try await bench.report(
            "make; python3 mapper.py $path/one & while [ ! -e mapped ]; do sleep 0.05; done", script, after: "kill %1")
        guard case .refused(let refusal) = report.end else {
            Issue.record("\(report.end)")
            return
        }
        #expect(refusal.code == .busy && refusal.message.contains("python3"), "\(refusal)")
    }

    @Test func `a rollback is refused while somebody writes, by a link too`() async throws {
        for mechanism in [Mechanism.bind, .symlink] {
            let bench = try Bench()
            defer { bench.remove() }
            try bench.prepare(.adopt, bench.entry(mechanism))
            let rollback = try bench.prepare(.rollback, bench.entry(mechanism))
            let (report, rest) = try await bench.report(
                """
                make; sh -s <adopt >/dev/null
                (exec 5>>"$path/one"; : >opened; while [ ! -e asked ]; do sleep 0.05; done; echo more >&5; : >written) &
                while [ ! -e opened ]; do sleep 0.05; done
                """, rollback, after: ": >asked; while [ ! -e written ]; do sleep 0.05; done; cat $path/one")
            guard case .refused(let refusal) = report.end else {
                Issue.record("\(mechanism): \(report.end)")
                continue
            }
            #expect(refusal.code == .busy)
            #expect(rest == "one\nmore\n", "\(mechanism): \(rest)")
        }
    }

    @Test func `an overlay whose files have device numbers of their own is one file system`() async throws {
        let bench = try Bench()
        defer { bench.remove() }
        let script = try bench.prepare(.adopt, bench.entry())
        let (report, rest) = try await bench.report(
            """
            mkdir lower over; mount -t tmpfs tmpfs lower; mkdir lower/l lower/u lower/w; mkdir -p lower/l/top
            mount -t tmpfs tmpfs over; mkdir over/l; echo low >over/l/low
            umount root
            mount -t overlay -o lowerdir=over/l:lower/l,upperdir=lower/u,workdir=lower/w,xino=off overlay root; make
            """, script, after: "cat $target/one")
        #expect(report.outcome == .changed, "\(report.end)")
        #expect(rest == "one\n")
    }

    @Test func `the journal is closed by the first run after the boot took the original`() async throws {
        for mechanism in [Mechanism.bind, .symlink] {
            let bench = try Bench()
            defer { bench.remove() }
            let script = try bench.prepare(.adopt, bench.entry(mechanism))
            // A boot: another root, and the path in effect on it.
            let effect = mechanism == .bind ? "mkdir -p $path; mount --bind $target $path" : "ln -s $target $path"
            let (report, rest) = try await bench.report(
                """
                make; sh -s <adopt >/dev/null; umount $path 2>/dev/null; umount root; mount -t tmpfs tmpfs root
                echo other >$(echo persist/.ebb/adopt/*/boot); mkdir -p ${path%/*}; \(effect)
                """, script, after: "ls -A persist/.ebb/adopt; cat $path/one")
            #expect(report.end == .unchanged("already in effect"), "\(report.end)")
            #expect(rest == "one\n", "\(rest)")
        }
    }

    @Test func `what is nowhere yet is made empty, with its owner and mode`() async throws {
        let bench = try Bench()
        defer { bench.remove() }
        var entry = bench.entry()
        entry.owner = "daemon"
        entry.group = "nogroup"
        entry.mode = 0o2750
        let script = try bench.prepare(.adopt, entry)
        let (report, rest) = try await bench.report(":", script, after: "stat -c '%U %G %a' $path $target")
        #expect(report.outcome == .changed, "\(report.end)")
        #expect(rest == "daemon nogroup 2750\ndaemon nogroup 2750\n")

        entry.owner = "nobody-of-that-name"
        let unknown = try bench.prepare(.adopt, entry)
        let (refused, after) = try await bench.report(
            "rm -rf persist/* persist/.ebb", unknown, after: "ls -A $PWD/persist/top root/top")
        guard case .refused(let refusal) = refused.end else {
            Issue.record("\(refused.end)")
            return
        }
        #expect(refusal.code == .owner)
        #expect(!after.contains("data"))
    }

    @Test func `a rollback brings the newest data back to the root`() async throws {
        for mechanism in [Mechanism.bind, .symlink] {
            let bench = try Bench()
            defer { bench.remove() }
            try bench.prepare(.adopt, bench.entry(mechanism))
            let rollback = try bench.prepare(.rollback, bench.entry(mechanism))
            try bench.prepare(.finish, bench.entry(mechanism))
            let (report, rest) = try await bench.report(
                """
                make; sh -s <adopt >/dev/null; echo newer >"$path/one"
                sh -s <finish
                """, rollback,
                after: """
                    cat "$path/one"; stat -c %m "$path"; cat persist/.ebb/persistence.tab | tail -n +2
                    ls "$target" "$target.ebb-old" | tail -n 2; ls -A persist/.ebb/adopt
                    cat "$path.ebb-old/one"
                    sh -s <adopt >/dev/null
                    [ "$path" -ef "$target" ] && [ "$(cat "$path/one")" = newer ] && echo again
                    """)
            #expect(report.outcome == .changed, "\(report.end)")
            #expect(rest.hasPrefix("newer\n\(bench.directory)/root\n"), "\(rest)")
            #expect(rest.contains("one\nsub\n") && !rest.contains("persist/top/data\n"))
            #expect(rest.contains("sub\none\nagain\n"), "the old data stay, and not in the way: \(rest)")
        }
    }

    @Test func `odd names travel through the scripts and the table`() async throws {
        let bench = try Bench(name: "top/it's \\ $(x) *?[a]\n-é\u{1}")
        defer { bench.remove() }
        for (mechanism, kind) in [(Mechanism.bind, "make"), (.symlink, "echo key >\"$path\"")] {
            try bench.prepare(.rollback, bench.entry(mechanism))
            let script = try bench.prepare(.adopt, bench.entry(mechanism))
            let (report, rest) = try await bench.report(
                kind, script,
                after: "[ \"$path\" -ef \"$target\" ] && echo same; sh -s <rollback >/dev/null; "
                    + "[ \"$path\" -ef \"$target\" ] || echo apart; rm -rf persist/top")
            #expect(report.outcome == .changed, "\(report.end)")
            #expect(rest == "same\napart\n")
        }
    }
}
