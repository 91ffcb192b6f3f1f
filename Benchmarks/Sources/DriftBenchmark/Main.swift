import EbbClassifier
import EbbModel
import EbbProbe
import EbbStore
import Foundation
import Glibc

/// Measures what a million changed paths cost: reading, judging, storing.
///
/// One process per measurement, so that the peak of memory is that measurement's own:
/// `DriftBenchmark parse FORMAT LINES`, `DriftBenchmark store LINES`.
@main struct Main {
    static func main() async throws {
        let arguments = CommandLine.arguments
        switch (arguments.dropFirst().first, arguments.count) {
        case ("parse", 4): try parse(arguments[2], Int(arguments[3]) ?? 0)
        case ("store", 3): try await store(Int(arguments[2]) ?? 0)
        default:
            print("usage: DriftBenchmark parse tree|inodes|renames|zfs-diff LINES | store LINES")
        }
    }

    // MARK: - Streams

    /// One line of a format; directories of a hundred files, as programs make them.
    static func line(_ format: String, _ number: Int) -> String {
        if format == "renames" {
            let (mark, place) = number % 2 == 0 ? ("", "old") : ("\t", "new")
            return "\(mark)/srv/\(place)/d\(100_000 + number / 200)/f\(100_000 + number / 2)"
                + "//f 4096 644 1000 1000 1790000000.1234567890 - \(number / 2 + 1_000)\0"
        }
        let directory = number / 100
        let path =
            "/var/lib/app\(directory % 40)/d\(100_000 + directory)/file-\(100 + number % 100)"
        return switch format {
        case "tree": "\t\(path)//f 4096 644 1000 1000 1790000000.1234567890 - -\0"
        case "inodes":
            "\t\(path)//f 4096 644 1000 1000 1790000000.1234567890 "
                + "1790000000.1234567890 \(number + 1_000)\0"
        default: "1790000000.123456789\t+\tF\t\(path)\\0040x\n"
        }
    }

    /// Writes the stream to a file, so that making it is no part of the measurement.
    static func file(_ format: String, _ lines: Int) throws -> String {
        let path =
            FileManager.default.temporaryDirectory.path
            + "/ebb-benchmark-\(format)-\(getpid())"
        var bytes: [UInt8] = []
        guard let file = fopen(path, "w") else { throw CocoaError(.fileWriteUnknown) }
        for number in 0..<lines {
            bytes += Array(line(format, number).utf8)
            if bytes.count > 1 << 20 {
                fwrite(bytes, 1, bytes.count, file)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
        return path
    }

    static func judgement() throws -> Judgement {
        let name = try HostName("benchmark")
        var settings = HostSettings(
            host: name, connection: ConnectionSettings(host: name, address: "nowhere"))
        settings.accept = [
            Acceptance(path: "/var/cache/**", reason: "r", by: "b", until: "2099-01-01"),
            Acceptance(path: "/srv/*/tmp", reason: "r", by: "b", until: "2099-01-01"),
        ]
        return Judgement(
            settings: settings, findings: [], mounts: [],
            now: Date(timeIntervalSince1970: 1_790_000_000))
    }

    /// Feeds a stream as it would come from a host, in pieces of a channel's size.
    static func read(
        _ path: String, _ format: String, also keep: (ArraySlice<UInt8>) throws -> Void = { _ in }
    ) throws -> ChangeList {
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var stream = DriftParser(
            format == "zfs-diff" ? .zfsDiff : .trees, policy: TemporarySpill.policy)
        if format == "inodes" || format == "renames" {
            stream.feed(Array("#inodes zfs\0".utf8)[...])
        }
        while true {
            let count = buffer.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            if count <= 0 { break }
            stream.feed(buffer[0..<count])
            try keep(buffer[0..<count])
        }
        let changes = stream.finish()
        guard stream.gaps.isEmpty else { throw CocoaError(.coderReadCorrupt) }
        return changes
    }

    static func parse(_ format: String, _ lines: Int) throws {
        let path = try file(format, lines)
        defer { unlink(path) }
        let before = peak()
        var total = 0
        var unexplained = 0
        let (processor, wall) = (processorSeconds(), ContinuousClock.now)
        let judged = JudgedChanges(try read(path, format), try judgement())
        let between = processorSeconds()
        try judged.forEachEntry { entry in
            total += 1
            if entry.verdict == .unexplained { unexplained += 1 }
        }
        let used = processorSeconds() - processor
        let elapsed = ContinuousClock.now - wall
        guard total == (format == "renames" ? lines / 2 : lines) else {
            throw CocoaError(.coderReadCorrupt)
        }
        print(
            "parse \(format): \(lines) lines, \(total) changes, "
                + "\(Int(Double(lines) / used)) lines/s of processor time "
                + "(\(text(.seconds(between - processor))) s to read and sort), "
                + "\(text(elapsed)) s wall, \(before) MiB before, \(peak()) MiB at most")
    }

    // MARK: - Store

    static func store(_ lines: Int) async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/ebb-benchmark-\(getpid())"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try Store.open(directory + "/ebb.sqlite")
        let path = try file("inodes", lines)
        defer { unlink(path) }
        let host = try HostName("benchmark")
        var sizes = [try await size(store, directory)]
        for scan in 1...3 {
            let at = Date(timeIntervalSince1970: 1_790_000_000 + Double(scan) * 60)
            let begin = ContinuousClock.now
            var listing = SpillBuffer(TemporarySpill.policy, room: EvidencePart.limit)
            let changes = try read(path, "inodes") { try listing.append($0) }
            let (wall, processor) = (ContinuousClock.now, processorSeconds())
            let id = try await store.recordEvidence(
                host: host, at: at,
                parts: [
                    EvidencePart(name: "facts", bytes: [UInt8(scan)]),
                    EvidencePart(name: "drift", content: listing),
                ], toolVersion: "0")
            try await store.recordObservation(
                id, Observation(host: host, observedAt: at, facts: HostFacts()))
            try await store.recordDrift(
                id, entries: JudgedChanges(changes, try judgement()), declared: [])
            let elapsed = ContinuousClock.now - wall
            sizes.append(try await size(store, directory))
            print(
                "store scan \(scan): \(lines) paths, \(text(wall - begin)) s to read, "
                    + "\(text(elapsed)) s to judge and store "
                    + "(\(text(.seconds(processorSeconds() - processor))) s of processor time), "
                    + "grew by \((sizes[scan] - sizes[scan - 1]) / 1_000) kB, "
                    + "\(peak()) MiB at most")
        }
    }

    /// Bytes of the database once its log is in it.
    static func size(_ store: Store, _ directory: String) async throws -> Int {
        let check = try await store.check()
        guard check.problems.isEmpty else { throw CocoaError(.fileReadCorruptFile) }
        return Int(check.size - check.free)
    }

    // MARK: - Measuring

    static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func peak() -> Int {
        var usage = rusage()
        getrusage(.init(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss / 1_024
    }

    static func text(_ duration: Duration) -> String {
        let parts = duration.components
        return String(
            format: "%.2f", Double(parts.seconds) + Double(parts.attoseconds) / 1e18)
    }
}
