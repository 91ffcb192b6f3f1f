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
