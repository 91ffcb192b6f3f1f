import EbbProbe
import EbbSetup
import Foundation
import Subprocess
import Testing

@testable import EbbModel

@Suite struct PersistSetupTests {
    private static func settings(_ mounts: [String]) throws -> HostSettings {
        let host = try HostName("h")
        return HostSettings(
            host: host, connection: ConnectionSettings(host: host, address: "h"),
            persist: mounts.map { PersistentStorage(mount: $0) })
    }

    @Test func `a unit is for its own storage, and the first has the known name`() throws {
        let files = PersistSetup.files(try Self.settings(["/persist", "/srv/keep"]))
        #expect(
            files.map(\.path) == [
                "/usr/local/lib/ebb/ebb-persist", "/etc/systemd/system/ebb-persist.service",
                "/etc/systemd/system/ebb-persist-2.service",
            ])
        let second = files[2].content
        for line in [
            "RequiresMountsFor=/srv/keep", "ConditionPathExists=/srv/keep/.ebb/persistence.tab",
            "ExecStart=/usr/local/lib/ebb/ebb-persist /srv/keep",
        ] { #expect(second.split(separator: "\n").contains { $0 == line }, "\(second)") }
        #expect(!second.contains("/persist\n") && !second.contains("=/persist"), "\(second)")
        #expect(files[1].content == PersistSetup.unit(storage: "/persist"))
    }

    @Test func `a place that a unit cannot name is refused beforehand`() throws {
        #expect(PersistSetup.obstacle(try Self.settings([])) != nil)
        #expect(PersistSetup.obstacle(try Self.settings(["/a b"])) != nil)
        #expect(PersistSetup.obstacle(try Self.settings(["persist"])) != nil)
        #expect(PersistSetup.obstacle(try Self.settings(["/persist", "/srv/a-b.c"])) == nil)
    }

    /// A mount and process namespace with a tree of its own stands for the host.
    @Test func `a host is set up once, and what no boot would mount is refused`() async throws {
        let place = "/tmp/ebb-setup-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: place) }
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        let settings = try Self.settings(["/persist"])
        let nonce = ProbeNonce.random()
        let script = ProbeScript(nonce: nonce, probes: [PersistSetup.probe(settings)])
        try Data(script.bytes).write(to: URL(fileURLWithPath: "\(place)/script"))
        // What the script changes lies on overlays in memory, gone with the namespace.
        let shell = """
            mount --make-rprivate / && mkdir \(place)/m && mount -t tmpfs tmpfs \(place)/m || exit 1
            for tree in etc usr; do
                mkdir -p \(place)/m/$tree/up \(place)/m/$tree/work
                mount -t overlay overlay -o \
            lowerdir=/$tree,upperdir=\(place)/m/$tree/up,workdir=\(place)/m/$tree/work /$tree || exit 1
            done
            mkdir -p \(place)/m/persist
            printf '#!/bin/sh\\nexit 0\\n' >/usr/local/bin/systemctl
            chmod 755 /usr/local/bin/systemctl
            PATH=/usr/local/bin:$PATH
            export PATH
            : >/etc/fstab
            sh -s <\(place)/script
            echo "none /persist tmpfs defaults 0 0" >/etc/fstab
            mkdir -p \(place)/m/root && mount -t tmpfs tmpfs \(place)/m/root
            for tree in bin sbin lib lib64 usr etc proc dev tmp run; do
                [ -e /$tree ] || continue
                mkdir -p \(place)/m/root/$tree && mount --rbind /$tree \(place)/m/root/$tree
            done
            chroot \(place)/m/root sh -s <\(place)/script
            chroot \(place)/m/root sh -s <\(place)/script
            readlink /etc/systemd/system/local-fs.target.wants/ebb-persist.service
            """
        let result = try await Subprocess.run(
            .name("unshare"), arguments: ["-m", "sh", "-c", shell], output: .bytes(limit: 1 << 20),
            error: .string(limit: 1 << 16))
        let text = String(decoding: result.standardOutput, as: UTF8.self)
        let mark = "\(nonce.text) begin persist-setup"
        let parts = text.components(separatedBy: mark).dropFirst()
        #expect(parts.count == 3, "\(text)\(result.standardError)")
        let words = parts.map { part in
            part.contains("nothing mounts /persist at boot") && part.contains("status 1")
                ? "refused" : part.contains("\nyes\n") ? "yes" : part.contains("\nno\n") ? "no" : part
        }
        #expect(words == ["refused", "yes", "no"], "\(text)")
        #expect(text.hasSuffix("/etc/systemd/system/ebb-persist.service\n"), "\(text)")
    }
}
