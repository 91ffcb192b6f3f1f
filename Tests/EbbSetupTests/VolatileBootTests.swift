import EbbSetup
import Foundation
import Subprocess
import Testing

@testable import EbbModel

/// The script that follows `systemd.volatile=overlay`, with its fixed places moved into a directory.
@Suite struct VolatileBootTests {
    @Test func `a root that is no overlay fails the boot, and the tree below one is shown`() async throws {
        let place = "/tmp/ebb-volatile-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: place) }
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        for stage in [EraseRequest.Stage.trial, .armed] {
            let kit = try EraseKit.make(
                .systemdVolatile,
                EraseRequest(
                    root: RootSettings(strategy: .overlay, lower: "/media/root-ro"), storage: "/persist", identity: nil,
                    stage: stage))
            let script = try #require(kit.rootFiles.first?.content).replacingOccurrences(
                of: "/etc/default/grub.d/90-ebb-erase.cfg", with: "settings"
            ).replacingOccurrences(of: "/run/ebb", with: "run").replacingOccurrences(
                of: "/run/systemd/volatile-root", with: "device"
            ).replacingOccurrences(of: "/media/root-ro", with: "\(place)/below").replacingOccurrences(
                of: "/proc/cmdline", with: "cmdline"
            ).replacingOccurrences(of: "/proc/mounts", with: "mounts").replacingOccurrences(
                of: "/dev/kmsg", with: "/dev/null")
            try script.write(toFile: "\(place)/script", atomically: true, encoding: .utf8)
            try #require(kit.rootFiles.last?.content).write(
                toFile: "\(place)/\(stage.rawValue)", atomically: true, encoding: .utf8)
        }
        let text = """
            cd \(place) || exit 1
            truncate -s 16M img && mke2fs -q -F -t ext4 img
            ln -s "$(losetup -f --show img)" device
            mkdir root && mount device root && echo old >root/old
            modprobe() { return "$module"; }
            module=0
            boot() {
                echo "/dev/sda / $1 rw 0 0" >mounts
                echo "$2" >cmdline
                rm -rf run
                (. ./script) >said
                printf '%s: %s; %s; %s\\n' "$3" "$?" "$(cat run/erase)" "$(grep -c 'NO OVERLAY' said)"
            }
            cp trial settings
            boot ext4 'quiet' trial
            module=1
            boot ext4 'quiet' 'no module'
            cp armed settings
            boot overlay 'quiet systemd.volatile=overlay' armed
            cat below/old; touch below/new 2>/dev/null || echo read-only
            umount below; mount -o remount,ro root
            boot overlay 'quiet systemd.volatile=overlay' 'read-only below'
            cat below/old; umount below
            boot ext4 'systemd.volatile=overlay systemd.volatile=no' skipped
            boot ext4 'systemd.volatile=overlay' 'no overlay'
            boot ext4 'quiet' 'no word'
            sed -i 's/on_failure=stop/on_failure=dirty/' settings
            boot ext4 'quiet' dirty
            umount root; losetup -d "$(readlink device)"
            """
        let result = try await Subprocess.run(
            .name("unshare"), arguments: ["-m", "sh", "-c", text], output: .string(limit: 1 << 16),
            error: .string(limit: 1 << 16))
        #expect(
            result.standardOutput == """
                trial: 0; trial: systemd.volatile is not set, and there is a module for overlays; 0
                no module: 0; failed: there is no module for overlays; 0
                armed: 0; erased: the root is an overlay on memory; 0
                old
                read-only
                read-only below: 0; erased: the root is an overlay on memory; 0
                old
                skipped: 0; skipped: systemd.volatile=no; 0
                no overlay: 1; failed: the root is ext4, and no overlay; 1
                no word: 1; failed: the root is ext4, and no overlay; 1
                dirty: 0; failed: the root is ext4, and no overlay; 1

                """, "\(result.standardError)")
    }
}
