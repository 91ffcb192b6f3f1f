import EbbProbe
import Foundation
import Glibc

@testable import EbbModel

/// A root of its own: a mounted file system with a blank, in which scripts see it as `/`.
///
/// It lives in the mount namespace of a child and vanishes with it, so nothing is left behind
/// however a test ends. Programs come from this machine's `/usr`, mounted over an empty directory:
/// that also makes it a root with covered directories.
final class RealRoot {
    let strategy: Strategy
    /// The root without its mounts, as a path for this process.
    let path: String
    private let directory: String
    private let keeper: Process
    private let keeperInput = Pipe()

    /// Strategies that can be built here; without root only those that a user namespace can mount.
    static var strategies: [Strategy] { geteuid() == 0 ? [.btrfs, .overlay, .tmpfs, .mkfs] : [.overlay, .tmpfs] }

    /// What an inventory would say of this root.
    var settings: RootSettings
    /// Where an inventory would say that persistent storage is.
    var persist: [PersistentStorage] = []

    private static func settings(_ strategy: Strategy) -> RootSettings {
        switch strategy {
        case .btrfs: RootSettings(strategy: .btrfs, blank: "blank", top: "/top", subvolume: "root")
        case .mkfs: RootSettings(strategy: .mkfs, blank: "/top")
        case .overlay: RootSettings(strategy: .overlay, lower: "/top")
        case .tmpfs, .zfs, .none: RootSettings(strategy: strategy)
        }
    }

    /// Mounts the file system and fills the blank by `populate`, which gets its directory.
    init(_ strategy: Strategy, populate: (String) throws -> Void) throws {
        self.strategy = strategy
        settings = Self.settings(strategy)
        keeper = Process()
        keeper.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        keeper.arguments =
            (geteuid() == 0 ? ["-m"] : ["-Urm"]) + ["sh", "-eu", "-c", Self.mounting, "sh"] + [strategy.rawValue]
        let output = Pipe()
        keeper.standardInput = keeperInput
        keeper.standardOutput = output
        try keeper.run()
        let lines = LineReader(output.fileHandleForReading)
        let base = try lines.next()
        directory = base
        let view = "/proc/\(keeper.processIdentifier)/root" + base
        path = view + "/bare"
        try populate(view + "/blank")
        try keeperInput.fileHandleForWriting.write(contentsOf: Data("go\n".utf8))
        let answer = try lines.next()
        guard answer == "ready" else { throw Failure(text: answer) }
    }

    deinit {
        try? keeperInput.fileHandleForWriting.close()
        keeper.waitUntilExit()
    }

    /// Observes this root, drift included, as a host would be observed.
    func observe(shell: [String] = ["sh"]) throws -> Observation {
        let (output, read) = try answer(shell: shell)
        return read(output)
    }

    /// The output of such an observation, and the reader for it or for a part of it.
    func answer(shell: [String] = ["sh"]) throws -> (output: [UInt8], read: ([UInt8]) -> Observation) {
        let name = try HostName("real")
        let settings = HostSettings(
            host: name, connection: ConnectionSettings(host: name, address: "here"), root: settings, persist: persist)
        let script = ObservationScript(settings: settings, declared: [], includingDrift: true)
        let output = try run(script.bytes, shell: shell)
        return (
            output,
            { output in
                var parser = ObservationParser(script, policy: MemorySpill.policy(limit: 9_000))
                parser.feed(output)
                return parser.finish(observedAt: Date(timeIntervalSince1970: 0))
            }
        )
    }

    /// Runs a script as this root's host would.
    func run(_ script: [UInt8], shell: [String] = ["sh"]) throws -> [UInt8] {
        let pid = String(keeper.processIdentifier)
        let enter = geteuid() == 0 ? ["nsenter", "-t", pid, "-m"] : ["nsenter", "-t", pid, "-U", "-m"]
        let run = try RealShell.run(script, shell: enter + ["chroot", directory + "/root"] + shell)
        guard run.error.isEmpty, run.status == 0 else {
            throw Failure(text: String(decoding: run.error, as: UTF8.self))
        }
        return run.output
    }

    struct Failure: Error { let text: String }

    /// Reads lines without a buffer that would wait for more.
    private struct LineReader {
        let handle: FileHandle

        init(_ handle: FileHandle) { self.handle = handle }

        func next() throws -> String {
            var line: [UInt8] = []
            while let byte = try handle.read(upToCount: 1)?.first {
                if byte == 10 { return String(decoding: line, as: UTF8.self) }
                line.append(byte)
            }
            throw Failure(text: "the root could not be mounted: " + String(decoding: line, as: UTF8.self))
        }
    }

    /// `blank` is filled between the two answers; then `bare` is the live root, `root` the same with
    /// mounts.
    private static let mounting = #"""
        mount --make-rprivate /
        w=$(mktemp -d)
        trap 'cd /; umount -l "$w"; rmdir "$w"' EXIT
        mount -t tmpfs -o mode=755 tmpfs "$w"
        mkdir "$w/blank" "$w/bare" "$w/root" "$w/upper" "$w/work" "$w/lower" "$w/top"
        case $1 in
            btrfs)
                truncate -s 400M "$w/image"
                mkfs.btrfs -q "$w/image" >/dev/null
                mount -o loop "$w/image" "$w/top"
                btrfs subvolume create "$w/top/blank" >/dev/null
                mount --bind "$w/top/blank" "$w/blank"
                ;;
            mkfs)
                truncate -s 200M "$w/image"
                mkfs.ext4 -q -F "$w/image"
                mount -o loop "$w/image" "$w/bare"
                rmdir "$w/bare/lost+found"
                ;;
            overlay) mount --bind "$w/lower" "$w/blank" ;;
        esac
        chmod 755 "$w/blank"
        echo "$w"
        read -r go
        mounts='usr bin sbin lib lib64 proc run dev top covered'
        [ "$1" = tmpfs ] || (cd "$w/blank" && mkdir -p $mounts)
        case $1 in
            btrfs)
                btrfs subvolume snapshot "$w/top/blank" "$w/top/root" >/dev/null
                btrfs property set -ts "$w/top/blank" ro true
                mount --bind "$w/top/root" "$w/bare"
                baseline=$w/top
                ;;
            overlay)
                mount -t overlay -o "lowerdir=$w/lower,upperdir=$w/upper,workdir=$w/work" \
                    overlay "$w/bare"
                mkdir -p "$w/lower/etc"
                baseline=$w/lower
                ;;
            mkfs)
                cp -a "$w/blank/." "$w/bare/"
                baseline=$w/blank
                ;;
            tmpfs)
                mount -t tmpfs -o mode=755 tmpfs "$w/bare"
                (cd "$w/bare" && mkdir -p $mounts)
                baseline=$w/blank
                ;;
        esac
        mount --bind "$w/bare" "$w/root"
        for name in usr bin sbin lib lib64 dev proc; do
            [ -d "/$name" ] && mount --rbind "/$name" "$w/root/$name"
        done
        mount -t tmpfs tmpfs "$w/root/run"
        mount -t tmpfs -o mode=700 tmpfs "$w/root/covered"
        mount --bind "$baseline" "$w/root/top"
        echo ready
        read -r stay || :
        """#
}
