import EbbModel
import Testing

@testable import EbbPlan

/// What a boot must have kept of what a declared path held.
@Suite struct CensusJudgeTests {
    private static let now: Int64 = 1_800_000_000
    private static let old = now - 30 * 86_400

    private func file(
        _ size: Int64 = 100, mode: UInt16 = 0o644, uid: UInt32 = 0, changedAt: Int64 = Self.old, digest: String? = nil
    ) -> Census.Node {
        Census.Node(kind: .file, size: size, uid: uid, gid: 0, mode: mode, changedAt: changedAt, digest: digest)
    }

    /// A directory with ten files that have stood still.
    private var place: Census.Place {
        var place = Census.Place(top: Census.Node(kind: .directory, size: 0, uid: 0, gid: 0, mode: 0o755))
        place.identity = "7 1700000000"
        place.fileSystem = "ef53 3f9670054fde1aab"
        place.counts = Census.Counts(files: 10, bytes: 1_000)
        for index in 0..<10 { place.names[BytePath("f\(index)")] = file() }
        return place
    }

    private func judge(
        _ stateClass: StateClass = .unknown, census: CensusScope? = nil,
        before: (inout Census.Place) -> Void = { _ in }, after: (inout Census.Place) -> Void = { _ in },
        isFresh: Bool = true, recorded: (inout Census.Place) -> Void = { _ in }, stillness: Int = 86_400,
        leastKept: Int = 50
    ) -> CensusFinding {
        var entry = PersistenceEntry(path: "/data", mechanism: .bind, target: "/persist/data", stateClass: stateClass)
        entry.askedCensus = census
        var old = place
        before(&old)
        var new = old
        after(&new)
        var known = place
        recorded(&known)
        let judge = CensusJudge(
            before: Census(takenAt: Self.now, places: ["/data": old]),
            after: Census(takenAt: Self.now, places: ["/data": new]), check: ["/data": new.names], isFresh: isFresh,
            recorded: known == place ? [:] : StorageMark(known).map { ["/data": $0] } ?? [:], stillness: stillness,
            leastKept: leastKept)
        return judge.findings([entry])[0]
    }

    @Test func `the storage on record counts, not the one right before the boot`() {
        let other = "ef53 ffff"
        // It was replaced long before this boot, and nobody accepted it.
        let found = judge(recorded: { $0.fileSystem = other })
        #expect(found.state == .storageReplaced && found.isOnOtherStorage)
        // It was replaced in this boot, and a person accepted it since.
        #expect(judge(after: { $0.fileSystem = other }, recorded: { $0.fileSystem = other }).state == .kept)
        // More is known of it than before.
        #expect(judge(after: { $0.uuid = "u" }, recorded: { $0.counts = nil }).state == .kept)
        #expect(
            judge(before: { $0.uuid = "u" }, after: { $0.uuid = "u" }, recorded: { $0.uuid = "v" }).state
                == .storageReplaced)
    }

    @Test func `what is as it was is kept`() {
        for stateClass in StateClass.allCases { #expect(judge(stateClass).state == .kept, "\(stateClass)") }
    }

    @Test func `an emptied directory is lost, unless it is a cache`() {
        for stateClass in StateClass.allCases {
            let found = judge(
                stateClass,
                after: {
                    $0.counts = Census.Counts(files: 0);
                    $0.names = [:]
                }, isFresh: true)
            switch stateClass {
            case .cache, .regenerable, .noise: #expect(found.state != .kept || stateClass != .unknown)
            default: #expect(found.state == .lost, "\(stateClass): \(found)")
            }
        }
    }

    @Test func `what stood still must be there, whole, and with its owner and mode`() {
        let name = BytePath("f3")
        #expect(judge(after: { $0.names[name] = nil }).state == .lost)
        #expect(judge(after: { $0.names[name]?.size = 0 }).state == .lost)
        #expect(judge(after: { $0.names[name]?.size = 50 }).state == .lost)
        #expect(judge(after: { $0.names[name]?.kind = .directory }).state == .lost)
        #expect(judge(after: { $0.names[name]?.uid = 1000 }).state == .attributesDiffer)
        #expect(judge(after: { $0.names[name]?.mode = 0o666 }).state == .attributesDiffer)
        #expect(judge(after: { $0.top?.uid = 1000 }).state == .attributesDiffer)
        #expect(judge(after: { $0.names[name] = nil }).message == "f3 is gone")
    }

    @Test func `where programs write, a part may change, and most of it may not`() {
        func fresh(_ place: inout Census.Place) {
            for name in place.names.keys { place.names[name]?.changedAt = Self.now }
        }
        func change(_ count: Int, _ body: @escaping (inout Census.Node?) -> Void) -> (inout Census.Place) -> Void {
            { place in for index in 0..<count { body(&place.names[BytePath("f\(index)")]) } }
        }
        let harms: [(CensusFinding.State, (inout Census.Node?) -> Void)] = [
            (.lost, { $0?.size = 0 }), (.lost, { $0?.size = 50 }), (.attributesDiffer, { $0?.uid = 1000 }),
            (.attributesDiffer, { $0?.mode = 0 }),
        ]
        for (state, harm) in harms {
            #expect(judge(.precious, before: fresh, after: change(6, harm)).state == state)
            #expect(judge(.precious, before: fresh, after: change(5, harm)).state == .changed)
            #expect(judge(.precious, before: fresh, after: change(3, harm), leastKept: 80).state == state)
        }
    }

    @Test func `how long something must have stood still can be set`() {
        let name = BytePath("f3")
        func found(_ stillness: Int) -> CensusFinding {
            judge(
                before: { $0.names[name]?.changedAt = Self.now - 3_600 }, after: { $0.names[name] = nil },
                stillness: stillness)
        }
        #expect(found(3_600).state == .lost)
        #expect(found(3_601).state == .changed)
    }

    @Test func `what was written a moment ago may change, and is named`() {
        let name = BytePath("f3")
        let found = judge(before: { $0.names[name]?.changedAt = Self.now - 60 }, after: { $0.names[name] = nil })
        #expect(found.state == .changed && found.message.contains("f3"))
        // Not where only people change it.
        let key = judge(
            .secret, before: { $0.names[name]?.changedAt = Self.now - 60 }, after: { $0.names[name]?.size = 0 })
        #expect(key.state == .lost)
    }

    @Test func `the content of what only people change is compared`() {
        let name = BytePath("key")
        let found = judge(
            .identity, before: { $0.names[name] = file(digest: String(repeating: "a", count: 64)) },
            after: { $0.names[name]?.digest = String(repeating: "b", count: 64) })
        #expect(found.state == .lost && found.message == "key has other content")
        let unread = judge(
            .identity, before: { $0.names[name] = file(digest: String(repeating: "a", count: 64)) },
            after: { $0.names[name]?.digest = nil })
        #expect(unread.state == .unknown)
    }

    @Test func `of what only people change nothing goes, whether its name was remembered or not`() {
        for stateClass in [StateClass.config, .secret, .identity] {
            let named = judge(
                stateClass,
                after: {
                    $0.counts = Census.Counts(files: 9, bytes: 900)
                    $0.names[BytePath("f3")] = nil
                })
            #expect(named.state == .lost && named.message.contains("f3 is gone"), "\(named)")
            let beyond = judge(
                stateClass, before: { $0.counts = Census.Counts(files: 200, bytes: 20_000) },
                after: { $0.counts = Census.Counts(files: 199, bytes: 19_900) })
            #expect(beyond.state == .lost && beyond.message == "only 199 of 200 entries are left", "\(beyond)")
        }
        let entry = PersistenceEntry(path: "/etc/a", mechanism: .bind, stateClass: .secret)
        #expect(entry.census == .full)
    }

    @Test func `a database may write, grow and throw away, and not lose half of itself`() {
        #expect(
            judge(
                .precious,
                after: {
                    $0.names[BytePath("f1")] = nil;
                    $0.counts?.files = 9
                }
            ).state == .changed)
        #expect(judge(.precious, after: { $0.counts = Census.Counts(files: 4, bytes: 900) }).state == .lost)
        #expect(
            judge(.precious, before: { $0.counts?.bytes = 8 << 20 }, after: { $0.counts?.bytes = 1 << 20 }).state
                == .lost)
        #expect(
            judge(.precious, after: { for index in 0..<7 { $0.names[BytePath("f\(index)")] = nil } }).state == .lost)
        #expect(judge(.precious, census: .full, after: { $0.names[BytePath("f1")] = nil }).state == .lost)
    }

    @Test func `a spool that is emptied while the host goes down has lost nothing`() {
        let found = judge(
            before: { for name in $0.names.keys { $0.names[name]?.changedAt = Self.now - 60 } },
            after: { for index in 0..<9 { $0.names[BytePath("f\(index)")] = nil } })
        #expect(found.state == .changed, "\(found)")
    }

    @Test func `another storage at the same place is found out`() {
        #expect(judge(after: { $0.fileSystem = "ef53 00" }).state == .storageReplaced)
        #expect(judge(before: { $0.uuid = "a" }, after: { $0.uuid = "b" }).state == .storageReplaced)
        #expect(judge(census: .off, after: { $0.fileSystem = "ef53 00" }).state == .storageReplaced)
        // Memory and overlays are numbered anew by each boot; so are XFS devices.
        for type in ["1021994", "794c7630", "58465342"] {
            #expect(
                judge(before: { $0.fileSystem = "\(type) 1" }, after: { $0.fileSystem = "\(type) 2" }).state == .kept)
        }
    }

    @Test func `another storage in a boot that nobody ordered is a question`() {
        let found = judge(after: { $0.fileSystem = "ef53 00" }, isFresh: false)
        #expect(found.state == .unknown && found.isUndecided, "\(found)")
    }

    @Test func `what was not looked at is unknown`() {
        let entry = PersistenceEntry(path: "/data", mechanism: .bind, target: "/persist/data")
        let whole = Census(takenAt: Self.now, places: ["/data": place])
        let none = Census(takenAt: Self.now)
        for (before, after, check) in [
            (none, whole, ["/data": place.names]), (whole, none, ["/data": place.names]), (whole, whole, [:]),
        ] { #expect(CensusJudge(before: before, after: after, check: check).findings([entry])[0].state == .unknown) }
        #expect(
            judge(before: {
                $0.counts = nil;
                $0.names = [:]
            }).state == .unknown)
    }

    @Test func `losses since an old census are not laid at the boot's door`() {
        #expect(judge(after: { $0.names[BytePath("f3")] = nil }, isFresh: false).state == .unknown)
        let words = judge(after: { $0.names[BytePath("f3")] = nil }, isFresh: false).message
        #expect(words.contains("2027-01-15T08:00:00Z") && words.contains("before the boot or in it"), "\(words)")
        #expect(judge(isFresh: false).state == .kept)
    }

    @Test func `a directory made anew with all that was in it is a change, an empty one a loss`() {
        #expect(judge(after: { $0.identity = "8 1800000000" }).state == .changed)
    }

    @Test func `a socket or a pipe that is gone is no loss, whatever the class`() {
        for kind in [FileKind.socket, .fifo] {
            let found = judge(
                .secret,
                before: {
                    $0.names[BytePath("agent")] = Census.Node(kind: kind, size: 0, uid: 0, gid: 0, mode: 0o700)
                    $0.counts?.others = 1
                },
                after: {
                    $0.names[BytePath("agent")] = nil
                    $0.counts?.others = 0
                })
            #expect(found.state == .kept, "\(found)")
        }
    }

    @Test func `what could not be counted to the end is unknown, and what is known to be gone is lost`() {
        #expect(judge(before: { $0.counts = nil }).state == .unknown)
        #expect(judge(after: { $0.counts = nil }).state == .unknown)
        let found = judge(
            .config,
            after: {
                $0.counts = nil
                $0.names[BytePath("f1")] = nil
            })
        #expect(found.state == .lost && found.message.contains("f1 is gone"))
    }
}
