import EbbModel
import EbbOnboarding
import Foundation
import Subprocess
import Testing

/// The script of the initramfs, run on a real btrfs with its fixed places moved into a directory.
@Suite struct EraseBootTests {
    @Test func `a btrfs root goes back to its blank, or the boot stops and says why`() async throws
    {
        let kit = try EraseKit.make(
            .initramfsBtrfs,
            EraseRequest(
                root: RootSettings(strategy: .btrfs, blank: "blanks/root", subvolume: "root"),
                storage: "/persist", identity: BlankIdentity(guid: "GUID", createdAt: 1),
                stage: .armed))
        let place = "/tmp/ebb-boot-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: place) }
        try FileManager.default.createDirectory(
            atPath: "\(place)/etc", withIntermediateDirectories: true)
        let script = try #require(kit.rootFiles.last?.content)
            .replacingOccurrences(of: "/scripts/functions", with: "\(place)/functions")
            .replacingOccurrences(of: "/etc/ebb/", with: "\(place)/etc/")
            .replacingOccurrences(of: "/run/ebb", with: "\(place)/run")
            .replacingOccurrences(of: "/proc/cmdline", with: "\(place)/cmdline")
            .replacingOccurrences(of: "/dev/kmsg", with: "/dev/null")
        try script.write(toFile: "\(place)/script", atomically: true, encoding: .utf8)
        let settings = try #require(kit.storageFiles.first?.content)
        try settings.write(toFile: "\(place)/settings", atomically: true, encoding: .utf8)
        let text = """
            cd \(place) || exit 1
            # The rescue shell of a test is the end of the boot.
            echo 'panic() { echo PANIC; exit 0; }; log_warning_msg() { :; }' >functions
            truncate -s 128M img && mkfs.btrfs -q img >/dev/null 2>&1
            mkdir top && mount -o loop img top
            ROOT=$(findmnt -no SOURCE top); export ROOT
            btrfs -q subvolume create top/root && echo base >top/root/base && mkdir top/blanks
            btrfs -q subvolume snapshot -r top/root top/blanks/root
            guid=$(btrfs subvolume show top/blanks/root | sed -n 's/^[[:space:]]*UUID:[[:space:]]*//p')
            boot() {
                echo "$1" >cmdline
                sed "s/GUID/$guid/; $2" settings >etc/erase.conf
                rm -rf run
                sh script
                printf '%s: %s\\n' "$3" "$(cut -d' ' -f1-6 run/erase | sed "s/$guid/GUID/")"
                ls top/root | tr '\\n' ' '; echo
            }
            junk() { echo junk >top/root/junk; btrfs -q subvolume create top/root/inner; }
            junk
            boot 'quiet' 's/stage=armed/stage=trial/' trial
            boot 'quiet ebb.erase=no' '' skipped
            boot 'quiet' '' armed
            junk
            boot 'quiet' '' again
            ls top | tr '\\n' ' '; echo
            junk
            boot 'quiet' 's/identity=.*/identity=other/' changed
            boot 'quiet' 's/identity=.*/identity=other/; s/on_failure=stop/on_failure=dirty/' dirty
            boot 'quiet' 's/strategy=.*/strategy=none/' unset
            rm -rf top/root/inner; mv top/root top/gone
            boot 'quiet' '' cut
            btrfs -q property set top/blanks/root ro false; btrfs -q subvolume delete top/blanks/root
            boot 'quiet' '' missing
            """
        let result = try await Subprocess.run(
            .name("unshare"), arguments: ["-m", "sh", "-c", text],
            output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
        #expect(
            result.standardOutput
                == """
                trial: trial: blanks/root GUID is there
                base inner junk \("")
                skipped: skipped: ebb.erase=no
                base inner junk \("")
                armed: erased: blanks/root GUID
                base \("")
                again: erased: blanks/root GUID
                base \("")
                blanks root root.ebb-last \("")
                PANIC
                changed: failed: blanks/root is not the blank
                base inner junk \("")
                dirty: failed: blanks/root is not the blank
                base inner junk \("")
                PANIC
                unset: failed: /etc/ebb/erase.conf names no strategy
                base inner junk \("")
                cut: erased: blanks/root GUID
                base \("")
                PANIC
                missing: failed: the blank blanks/root is missing
                base \("")

                """.replacingOccurrences(of: "/etc/ebb/", with: "\(place)/etc/"),
            "\(result.standardError)")
    }
}
