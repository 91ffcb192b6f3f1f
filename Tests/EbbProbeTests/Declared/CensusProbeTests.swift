import EbbModel
import EbbPlan
import EbbTestSupport
import Foundation
import Testing

@testable import EbbProbe

/// The census through real shells, and what is read from hostile ones.
@Suite(.blocking) struct CensusProbeTests {
    private func scratch() throws -> String {
        let place = NSTemporaryDirectory() + "ebb-census-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: place + "/data/sub", withIntermediateDirectories: true)
        let files = [("a", "one"), ("sub/b", "two"), ("new\nline", "three"), ("-n", "four"), (" blank ", "five")]
        for (name, text) in files {
            try text.write(toFile: place + "/data/" + name, atomically: false, encoding: .utf8)
        }
        try FileManager.default.createSymbolicLink(atPath: place + "/data/link", withDestinationPath: "a")
        return place
    }

    private func entry(_ path: String, _ stateClass: StateClass = .config) -> PersistenceEntry {
        PersistenceEntry(path: path, mechanism: .bind, target: path, stateClass: stateClass)
    }

    private func take(_ entries: [PersistenceEntry], _ shell: [String] = ["sh"]) throws -> Census {
        let answer = try RealShell.run(CensusProbe.probe(entries).shell, shell: shell)
        #expect(answer.error.isEmpty && answer.status == 0, "\(String(decoding: answer.error, as: UTF8.self))")
        return try CensusReader.census(answer.output, of: entries, takenAt: Int64(Date().timeIntervalSince1970))
    }

    private func judge(_ before: Census, _ entries: [PersistenceEntry], _ shell: [String] = ["sh"]) throws
        -> [CensusFinding]
    {
        let check = try RealShell.run(CensusProbe.check(before, of: entries).shell, shell: shell)
        return CensusJudge(
            before: before, after: try take(entries, shell), check: try CensusReader.check(check.output, of: entries)
        ).findings(entries)
    }

    @Test(arguments: RealShell.shells.filter { $0[0] != "busybox" })
    func `what a path holds is listed, counted and found again`(shell: [String]) throws {
        let place = try scratch()
        defer { try? FileManager.default.removeItem(atPath: place) }
        let entries = [entry(place + "/data"), entry(place + "/nothing"), entry(place + "/data/a")]
        let census = try take(entries, shell)
        let data = try #require(census.places[place + "/data"])
        #expect(data.counts == Census.Counts(files: 5, directories: 1, links: 1, bytes: 19))
        #expect(
            data.names.keys.sorted().map(\.printable) == [" blank ", "-n", "a", "link", "new\\nline", "sub", "sub/b"])
        #expect(data.names.values.filter { $0.kind == .file }.allSatisfy { $0.digest != nil })
        #expect(census.places[place + "/nothing"].map { $0.top == nil } == true)
        #expect(try judge(census, entries, shell).map(\.state) == [.kept, .kept, .kept])
    }

    @Test func `whatever is done to a path is found`() throws {
        let deeds: [(String, CensusFinding.State)] = [
            ("rm -rf data/sub", .lost), ("rm -r data/*", .lost), ("printf xne >data/a", .lost),
            (": >'data/ blank '", .lost), ("chmod 600 data/a", .attributesDiffer),
            ("chmod 700 data", .attributesDiffer), ("rm -r data", .lost), ("rm data/a && mkfifo data/a", .lost),
            ("mv data x && mkdir data", .lost), ("mv data x && mkdir data && cp -a x/. data/", .changed),
            ("ln -sfn longer data/link", .lost),
        ]
        for (deed, state) in deeds {
            let place = try scratch()
            defer { try? FileManager.default.removeItem(atPath: place) }
            let entries = [entry(place + "/data")]
            let census = try take(entries)
            let done = try RealShell.run(Array("cd '\(place)' && \(deed)\n".utf8))
            #expect(done.status == 0, "\(deed)")
            let found = try judge(census, entries)[0]
            #expect(found.state == state, "\(deed): \(found)")
        }
    }

    @Test func `a census is read by its paths, whatever else was declared then`() throws {
        let then = "= 0\0at /gone\0top 41ed 1:2 0 0 0 0\0.\0= 1\0at /data\0top 81a4 1:3 0 0 7 0\0.\0"
        let census = try CensusReader.census(Array(then.utf8), of: [entry("/data"), entry("/new")], takenAt: 0)
        #expect(census.places.keys.sorted() == ["/data"] && census.places["/data"]?.top?.size == 7)
        #expect(try CensusReader.census(Array(then.utf8), of: [entry("/data")], takenAt: 0).places.count == 1)
    }

    @Test func `where in its file system a path lies is told by its mount, not by its name`() throws {
        func place(_ root: String, _ target: String, guid: String = "") throws -> Census.Place? {
            let pairs = "UUID=\"u 1\" FSTYPE=\"ext4\" FSROOT=\"\(root)\" TARGET=\"\(target)\""
            let output = "= 0\0at /data\0top 41ed 1:2 0 0 0 0\0fs ef53 a\0mount \(pairs)\0\(guid).\0"
            return try CensusReader.census(Array(output.utf8), of: [entry("/data")], takenAt: 0).places["/data"]
        }
        #expect(try place("/srv/a", "/data")?.position == "/srv/a")
        #expect(try place("/", "/")?.position == "/data")
        #expect(try place("/@root", "/")?.position == "/@root/data")
        #expect(try place("/", "/data")?.position == "/")
        #expect(try place("/srv/a//deleted", "/data")?.position == nil)
        #expect(try place("/a\\x20b", "/data")?.position == nil)
        #expect(try place("/", "/dat")?.position == nil)
        #expect(try place("/", "/data")?.uuid == "u 1")
        #expect(try place("/", "/data", guid: "guid 12 34\0")?.uuid == "zfs 12 34")
        let here = try scratch()
        defer { try? FileManager.default.removeItem(atPath: here) }
        let entries = [entry(here + "/data"), entry(here + "/data/a")]
        let found = try take(entries)
        let (top, file) = (found.places[here + "/data"]?.position, found.places[here + "/data/a"]?.position)
        #expect(top?.hasSuffix("/data") == true && file == top.map { $0 + "/a" }, "\(top ?? "nil")")
    }

    @Test func `a dataset is known by the numbers of its pool and its own, where ZFS says them`() throws {
        let here = try scratch()
        defer { try? FileManager.default.removeItem(atPath: here) }
        func program(_ name: String, _ text: String) throws {
            try ("#!/bin/sh\n" + text + "\n").write(toFile: here + "/" + name, atomically: false, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: here + "/" + name)
        }
        func uuid() throws -> String? {
            let entries = [entry(here + "/data")]
            let probe = CensusProbe.probe(entries, onlyStorage: true).shell
            let answer = try RealShell.run(probe, environment: ["PATH": here + ":/usr/sbin:/usr/bin:/sbin:/bin"])
            #expect(answer.error.isEmpty && answer.status == 0, "\(String(decoding: answer.error, as: UTF8.self))")
            return try CensusReader.census(answer.output, of: entries, takenAt: 0).places[here + "/data"]?.uuid
        }
        let pairs = "UUID=\"\" FSTYPE=\"zfs\" FSROOT=\"/\" TARGET=\"/\""
        try program("findmnt", "case \"$*\" in *-P*) echo '\(pairs)' ;; *) echo 'tank/safe/my data' ;; esac")
        try program("zpool", "[ \"$*\" = 'get -H -o value guid tank' ] && echo 111")
        #expect(try uuid() == "")
        try program("zfs", "[ \"$6\" = 'tank/safe/my data' ] && echo 222")
        #expect(try uuid() == "zfs 111 222")
    }

    /// A Btrfs with a declared directory, `/run/top/app`, that holds subvolumes, one within another, and a mount.
    private static let nested = ScriptHost(
        setup: #"""
            truncate -s 128M /run/img && mkfs.btrfs -q /run/img >/dev/null 2>&1
            mkdir /run/top && mount -o loop /run/img /run/top && cd /run/top || exit 99
            make() { btrfs subvolume create "$1" >/dev/null; }
            make app && make app/vol && make 'app/vol/in *' && make app/mine && make other && echo x >other/file
            mount --bind other app/mine
            echo conf >app/conf; echo cert >app/vol/tls.crt; echo key >'app/vol/in */tls.key'
            cd /
            """#)

    /// A census of `/run/top/app`, and what is judged of the next one, after `deed`.
    private func nested(_ deed: String, _ shell: [String]) async throws -> (Census, CensusFinding) {
        let entries = [entry("/run/top/app")]
        let probe = CensusProbe.probe(entries).shell
        func census(_ output: String) throws -> Census {
            try CensusReader.census(Array(output.utf8), of: entries, takenAt: 1_000_000_000)
        }
        let names = try census(try await Self.nested.run(probe, shell: shell).output)
        // All in one file system: another would be another storage.
        func apart(_ script: [UInt8]) -> [UInt8] { Array("(\n".utf8) + script + Array("\n); echo next\n".utf8) }
        let script =
            apart(probe) + Array("cd /run/top/app && { \(deed)\n} >/dev/null; cd /\n".utf8) + apart(probe)
            + apart(CensusProbe.check(names, of: entries).shell)
        let answers = try await Self.nested.run(script, shell: shell).output.components(separatedBy: "next\n")
        try #require(answers.count == 4)
        let before = try census(answers[0])
        let judge = CensusJudge(
            before: before, after: try census(answers[1]),
            check: try CensusReader.check(Array(answers[2].utf8), of: entries))
        return (before, judge.findings(entries)[0])
    }

    @Test(arguments: ScriptHost.shells)
    func `what lies in subvolumes of a declared directory has to come through as well`(shell: [String]) async throws {
        let (before, kept) = try await nested(":", shell)
        let place = try #require(before.places["/run/top/app"])
        #expect(place.counts == Census.Counts(files: 3, directories: 3, bytes: 14))
        #expect(
            place.names.keys.sorted().map(\.printable) == [
                "conf", "mine", "vol", "vol/in *", "vol/in */tls.key", "vol/tls.crt",
            ])
        #expect(place.names.values.filter { $0.kind == .file }.allSatisfy { $0.digest != nil })
        #expect(kept.state == .kept, "\(kept)")
        let gone = try await nested("umount mine; btrfs subvolume delete 'vol/in *' vol; mkdir vol", shell).1
        #expect(gone.state == .lost && "\(gone)".contains("vol/tls.crt is gone"), "\(gone)")
        let other = try await nested("echo kex >'vol/in */tls.key'", shell).1
        #expect(other.state == .lost && "\(other)".contains("tls.key has other content"), "\(other)")
        let copied = try await nested(
            "mv vol old && mkdir vol && cp -a old/. vol && btrfs subvolume delete 'old/in *' old", shell
        ).1
        #expect(copied.state == .kept, "\(copied)")
    }

    @Test(arguments: ScriptHost.shells) func `a subvolume that cannot be looked into leaves its path unknown`(
        shell: [String]
    ) async throws {
        let found = try await nested("btrfs subvolume create 'vol/a\nb'", shell).1
        #expect(found.state == .unknown && found.message.contains("not looked at after the boot"), "\(found)")
    }

    @Test func `an answer that is cut or made up is no census`() throws {
        let entries = [entry("/data")]
        for answer in [
            "", "= 1\0.\0", "= 0\0n f x 0 0 644 1 a\0.\0", "= 0\0top zz\0.\0", "= 0\0sum 0 1\0.\0", "= 0\0?\0.\0",
            "= 0\0n f 9999999999999999999 0 0 644 1 a\0.\0",
        ] {
            #expect(throws: ProbeGap.self, "\(answer)") {
                try CensusReader.census(Array(answer.utf8), of: entries, takenAt: 0)
            }
        }
        let cut = Array("= 0\0top 41ed 1:2 0 0 0 0\0".utf8)
        #expect(try CensusReader.census(cut, of: entries, takenAt: 0).places.isEmpty)
    }
}
