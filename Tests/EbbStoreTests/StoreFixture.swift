import EbbStore
import EbbTestSupport
import FoundationEssentials
import Testing

@testable import EbbModel

/// Values that the tests of the store share.
enum Sample {
    static let start = Date(timeIntervalSince1970: 1_790_000_000)

    static func time(_ seconds: Double) -> Date { start.addingTimeInterval(seconds) }

    static func host(_ name: String = "builder1") throws -> HostName { try HostName(name) }

    static func boot(_ number: Int) throws -> BootID {
        let digits = String(number, radix: 16)
        let tail = String(repeating: "0", count: 12 - digits.count) + digits
        return try #require(BootID("11111111-2222-4333-8444-\(tail)"))
    }

    static func entry(
        _ path: String, _ verdict: PathVerdict = .unexplained, change: PathChange.Kind = .added, kind: FileKind = .file,
        size: Int64? = 10
    ) -> DriftEntry {
        DriftEntry(
            change: PathChange(
                path: BytePath(path), change: change, kind: kind, size: size, mode: 0o644, uid: 0, gid: 0,
                modified: start), verdict: verdict, stateClass: .unknown, reason: "because", suggestion: nil)
    }

    static let controller = ControllerIdentity(hostname: "desk", pid: 4711, startedAt: start, bootID: nil)

    static let proven = BootVerdict(erasure: .erased, retention: .kept, reasons: ["the negative canary is gone"])
}

extension Store {
    /// Stores one whole observation: evidence, observation, judgement.
    @discardableResult func collect(
        _ host: HostName, at: Date, _ entries: [DriftEntry], isComplete: Bool = true, boot: BootID? = nil,
        raw: [UInt8] = Array("raw".utf8)
    ) async throws -> ObservationID {
        let id = try await recordEvidence(
            host: host, at: at, bootID: boot, parts: [EvidencePart(name: "drift", bytes: raw)], toolVersion: "0.1.0")
        let gaps = isComplete ? [] : [ProbeGap(probe: "drift", reason: .complained)]
        try await recordObservation(
            id, Observation(host: host, observedAt: at, facts: HostFacts(bootID: boot), strategy: .btrfs, gaps: gaps))
        try await recordDrift(id, entries: entries.inStoreOrder, declared: [])
        return id
    }

    /// The changed paths of the newest judged observation.
    func driftEntries(of host: HostName) async throws -> [DriftInterval] {
        var entries: [DriftInterval] = []
        repeat {
            let page = try await driftPage(of: host, verdicts: Set(PathVerdict.allCases), after: entries.last)
            if page.isEmpty { return entries }
            entries += page
        } while true
    }

    /// The printable paths of the newest judged observation.
    func paths(_ host: HostName) async throws -> [String] {
        try await driftEntries(of: host).map { $0.entry.change.path.printable }
    }
}

/// A directory of its own for one test, removed afterwards.
func withScratchDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let path = FileManager.default.temporaryDirectory.appending(path: "ebb-store-\(UInt64.random(in: 0 ... .max))").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

/// A generator that gives the same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
