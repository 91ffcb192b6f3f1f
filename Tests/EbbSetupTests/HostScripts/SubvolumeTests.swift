import EbbProbe
import EbbTestSupport
import Testing

@testable import EbbModel
@testable import EbbSetup

/// Subvolumes whose names lie, on a real btrfs: a user makes them, root removes and lists them.
@Suite(.serialized) struct SubvolumeTests {
    /// A file system with a root of before, `gone`, in which names claim to be others.
    private static let bench = ScriptHost(
        setup: #"""
            truncate -s 128M /run/img && mkfs.btrfs -q /run/img >/dev/null 2>&1
            mkdir /run/top && mount -o loop /run/img /run/top && cd /run/top || exit 99
            make() { btrfs subvolume create "$1" >/dev/null; }
            make @persist && echo kept >@persist/file
            make @blank
            id=$(btrfs inspect-internal rootid @persist)
            make gone && mkdir gone/home
            mkdir 'gone/home/x path @persist' && make 'gone/home/x path @persist/y path @persist'
            make gone/home/deep && make gone/home/deep/deeper
            btrfs property set -ts gone/home/deep/deeper ro true
            make "$(printf 'gone/home/a\nID %s gen 9 top level 5 path @persist' "$id")"
            make 'gone/home/end
            '
            """#)

    @Test func `only what lies inside goes, whatever it is called`() async throws {
        let script =
            "top=/run/top\n" + EraseKit.removeSubvolume
            + "\nremove_subvolume gone; echo $?; ls /run/top; cat /run/top/@persist/file\n"
        for shell in ScriptHost.shells {
            let answer = try await Self.bench.run(Array(script.utf8), shell: shell)
            #expect(answer.output == "0\n@blank\n@persist\nkept\n", "\(shell): \(answer)")
            #expect(answer.stderr == "", "\(shell)")
        }
    }

    @Test func `a NixOS host goes back to its blank over nested subvolumes`() async throws {
        let host = try HostName("n")
        let module = try NixOSModule(
            HostSettings(
                host: host, connection: ConnectionSettings(host: host, address: "n"),
                root: RootSettings(strategy: .btrfs, blank: "@blank", subvolume: "it's")))
        // What the language makes of the string, and of the one expression in it.
        let lines = module.text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: "    script = ''"))
        let end = try #require(lines.firstIndex(of: "    '';"))
        let text = lines[(start + 1)..<end].map { $0.dropFirst(6) }.joined(separator: "\n").replacing(
            "''${", with: "${"
        ).replacing("'''", with: "''").replacing(
            "${lib.escapeShellArg config.fileSystems.\"/\".device}", with: "$(losetup -n -O NAME -j /run/img)"
        ).replacing("/run/ebb-top", with: "/run/nix-top")
        let script = """
            mv /run/top/gone "/run/top/it's.ebb-last"
            btrfs subvolume create "/run/top/it's" >/dev/null
            ( \(text)
            ) >/run/said; echo $?
            ( \(text)
            ) >/run/said; echo $?
            ls /run/top; ls "/run/top/it's"
            """
        for shell in ScriptHost.shells {
            let answer = try await Self.bench.run(Array(script.utf8), shell: shell)
            #expect(answer.output == "0\n0\n@blank\n@persist\nit's\nit's.ebb-last\n", "\(shell): \(answer)")
        }
    }

    @Test func `the list of subvolumes has each once, under its own name`() async throws {
        let probe = BtrfsState.probe(top: "/run/top")
        for shell in ScriptHost.shells {
            let answer = try await Self.bench.run(probe.shell, shell: shell)
            #expect(answer.stderr == "" && answer.status == 0, "\(shell): \(answer)")
            // A row that was forged for another's number leaves it open which of them is true.
            #expect(throws: ProbeGap.self) { try BtrfsState(parsing: Array(answer.output.utf8)) }
            let calm = try await Self.bench.run(
                Array("btrfs subvolume delete /run/top/gone/home/a* >/dev/null\n".utf8) + probe.shell, shell: shell)
            let state = try BtrfsState(parsing: Array(calm.output.utf8))
            #expect(state.unmountedDevice == nil)
            let names = ["@persist", "gone/home/x path @persist/y path @persist", "gone/home/end\n"]
            #expect(Set(state.subvolumes.map(\.path)).isSuperset(of: names.map { BytePath($0) }))
            #expect(state.subvolumes.filter(\.isReadOnly).map(\.path) == [BytePath("gone/home/deep/deeper")])
            #expect(state.subvolumes.count == 7, "\(shell)")
        }
    }
}
