import EbbSetup
import Foundation
import Subprocess
import Testing

@testable import EbbModel

/// The script of the initramfs, run on real file systems with its fixed places moved into a directory.
@Suite struct EraseBootTests {
    @Test func `a btrfs root goes back to its blank, or the boot stops and says why`() async throws {
        let place = "/tmp/ebb-boot-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: place) }
        try Self.lay(
            .initramfsBtrfs, RootSettings(strategy: .btrfs, blank: "blanks/root", subvolume: "root"), in: place)
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
                sed "s/=ID/=$guid/; $2" settings >etc/erase.conf
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
        let result = try await Self.run(text)
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

                """.replacingOccurrences(of: "/etc/ebb/", with: "\(place)/etc/"), "\(result.standardError)")
    }

    @Test func `an ext4 root is made anew from the blank, or the boot stops and says why`() async throws {
        let place = "/tmp/ebb-boot-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: place) }
        try Self.lay(.initramfsMkfs, RootSettings(strategy: .mkfs, blank: "/persist/blank"), in: place)
        let text =
            Self.prologue(place) + """
                truncate -s 64M rootimg && mke2fs -q -F -t ext4 -L top rootimg
                disk=$(losetup -f --show rootimg); ln -s "$disk" disk/by-partuuid/PART
                uuid=$(blkid -p -o value -s UUID "$disk"); echo "PART $uuid top" >etc/root-place
                mkdir root; on() { mount "$disk" root && "$@"; umount root; }
                boot() { boot_with "$@"; on ls root | grep -v lost | tr '\\n' ' '; echo; }
                junk() { on sh -c 'echo junk >root/junk'; }
                junk
                boot 'quiet' 's/stage=armed/stage=trial/' trial
                boot 'quiet ebb.erase=no' '' skipped
                boot 'quiet' '' armed
                on stat -c '%n %a %h' root/etc/one root/etc/two
                [ "$uuid" = "$(blkid -p -o value -s UUID "$disk")" ] && echo same mark
                junk
                boot 'quiet' 's/identity=.*/identity=other/' changed
                boot 'quiet' 's/identity=.*/identity=other/; s/on_failure=stop/on_failure=dirty/' dirty
                dd if=/dev/zero of="$disk" bs=64k count=1 2>/dev/null
                boot 'quiet' '' cut
                mke2fs -q -F -t ext4 "$disk"; junk
                boot 'quiet' '' foreign
                mke2fs -q -F -t ext4 -U "$uuid" "$disk"; junk
                mount "$store" top; mv top/blank top/gone; umount top
                boot 'quiet' '' missing
                losetup -d "$disk" "$store"
                """
        let result = try await Self.run(text)
        #expect(
            result.standardOutput == """
                trial: trial: /persist/blank ID is there
                junk \("")
                skipped: skipped: ebb.erase=no
                junk \("")
                armed: erased: /persist/blank ID
                etc \("")
                root/etc/one 640 2
                root/etc/two 640 2
                same mark
                PANIC
                changed: failed: /persist/blank is not the blank
                etc junk \("")
                dirty: failed: /persist/blank is not the blank
                etc junk \("")
                cut: erased: /persist/blank ID
                etc \("")
                PANIC
                foreign: failed: place/disk/by-partuuid/PART holds another file system
                junk \("")
                PANIC
                missing: failed: the blank /persist/blank is missing
                junk \("")

                """, "\(result.standardError)")
    }

    @Test func `a root in memory is filled from the blank, or the boot stops and says why`() async throws {
        let place = "/tmp/ebb-boot-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: place) }
        try Self.lay(.initramfsTmpfs, RootSettings(strategy: .tmpfs, blank: "/persist/blank"), in: place)
        let text =
            Self.prologue(place) + """
                rootmnt=\(place)/root; export rootmnt; mkdir root
                boot() {
                    mount -t tmpfs -o size=4m disk root && echo old >root/old
                    boot_with "$@"
                    ls root | tr '\\n' ' '; findmnt -no SOURCE root
                    while umount root 2>/dev/null; do :; done
                }
                boot 'quiet' 's/stage=armed/stage=trial/' trial
                boot 'quiet' '' armed
                boot 'quiet ebb.erase=no' '' skipped
                boot 'quiet' 's/identity=.*/identity=other/' changed
                rm disk/by-uuid/*; ln -s "$store" disk/by-uuid/OTHER
                boot 'quiet' '' 'no storage'
                losetup -d "$store"
                """
        let result = try await Self.run(text)
        #expect(
            result.standardOutput == """
                trial: trial: /persist/blank ID is there and
                old disk
                armed: erased: /persist/blank ID
                etc ebb-root
                skipped: skipped: ebb.erase=no
                old disk
                PANIC
                changed: failed: /persist/blank is not the blank
                old disk
                PANIC
                no storage: failed: there is no place/disk/by-uuid/STORE
                old disk

                """, "\(result.standardError)")
    }

    /// The kit's script and settings, with the places of an initramfs moved into a directory.
    private static func lay(_ mechanism: EraseMechanism, _ root: RootSettings, in place: String) throws {
        let kit = try EraseKit.make(
            mechanism,
            EraseRequest(
                root: root, storage: "/persist", identity: BlankIdentity(guid: "ID", createdAt: 1), stage: .armed))
        for folder in ["etc", "lib", "disk/by-uuid", "disk/by-partuuid"] {
            try FileManager.default.createDirectory(atPath: "\(place)/\(folder)", withIntermediateDirectories: true)
        }
        let script = try #require(kit.rootFiles.last?.content).replacingOccurrences(
            of: "/scripts/functions", with: "\(place)/functions"
        ).replacingOccurrences(of: "/etc/ebb/", with: "\(place)/etc/").replacingOccurrences(
            of: "/run/ebb", with: "\(place)/run"
        ).replacingOccurrences(of: "/usr/lib/ebb/", with: "\(place)/lib/").replacingOccurrences(
            of: "/dev/disk/", with: "\(place)/disk/"
        ).replacingOccurrences(of: "/proc/cmdline", with: "\(place)/cmdline").replacingOccurrences(
            of: "/dev/kmsg", with: "/dev/null"
        ).replacingOccurrences(of: "sleep 0.5", with: ":")
        try script.write(toFile: "\(place)/script", atomically: true, encoding: .utf8)
        try #require(kit.storageFiles.first?.content).write(
            toFile: "\(place)/settings", atomically: true, encoding: .utf8)
    }

    /// A storage with a blank, and `boot_with WORDS CHANGE NAME`.
    private static func prologue(_ place: String) -> String {
        """
        cd \(place) || exit 1
        # The rescue shell of a test is the end of the boot.
        echo 'panic() { echo PANIC; exit 0; }; log_warning_msg() { :; }; wait_for_udev() { :; }' >functions
        for tool in cp mke2fs blkid; do ln -s "$(command -v $tool)" lib/; done
        truncate -s 64M storeimg && mke2fs -q -F -t ext4 storeimg
        store=$(losetup -f --show storeimg); ln -s "$store" disk/by-uuid/STORE
        echo 'STORE ext4 /blank' >etc/blank-place
        mkdir top && mount "$store" top && mkdir -p top/blank/etc && echo ID >top/blank.identity
        echo one >top/blank/etc/one && chmod 640 top/blank/etc/one && ln top/blank/etc/one top/blank/etc/two
        umount top
        boot_with() {
            echo "$1" >cmdline
            sed "$2" settings >etc/erase.conf
            rm -rf run; mkdir run
            sh script
            printf '%s: %s\\n' "$3" "$(cut -d' ' -f1-6 run/erase | sed "s|\(place)|place|")"
        }

        """
    }

    /// What the shell said on both outputs, in a mount name space of its own.
    private static func run(_ text: String) async throws -> (standardOutput: String?, standardError: String?) {
        let result = try await Subprocess.run(
            .name("unshare"), arguments: ["-m", "sh", "-c", text], output: .string(limit: 1 << 16),
            error: .string(limit: 1 << 16))
        return (result.standardOutput, result.standardError)
    }
}
