package import EbbModel
import EbbProbe

/// A NixOS module that erases the root and keeps the declared paths; a person imports it.
///
/// It needs the systemd initrd, where the rollback is a unit that the root's mount requires: a
/// rollback that fails stops the boot instead of booting a root that was not erased.
package struct NixOSModule: Hashable, Sendable {
    /// The module's text, with a final newline.
    package let text: String

    /// Writes the module for a host, presets already expanded.
    package init(_ settings: HostSettings) throws(EraseRefusal) {
        guard let root = settings.root else {
            throw EraseRefusal(message: "ebb.root does not say how the root is erased")
        }
        var lines = [
            "# Written by ebb for \(settings.host.text). Import it; do not edit it: change the inventory.",
            "{ config, lib, pkgs, ... }:", "{", "  boot.initrd.systemd.enable = true;",
        ]
        lines += try Self.rollback(root)
        for storage in settings.persist {
            lines.append("  fileSystems.\(Self.quoted(storage.mount)).neededForBoot = true;")
        }
        var links: [String] = []
        for entry in settings.persistence.sorted(by: { $0.path < $1.path }) {
            guard let target = settings.target(of: entry) else { continue }
            switch entry.mechanism {
            case .bind: lines.append(Self.bind(entry.path, target, in: settings))
            // Never `L+`: it deletes a directory that is in the way, with all that is in it.
            case .symlink: links.append(Self.quoted("L \(Self.field(entry.path)) - - - - \(Self.field(target))"))
            case .dataset, .config: continue
            }
        }
        if !links.isEmpty {
            lines.append("  systemd.tmpfiles.rules = [")
            lines += links.map { "    " + $0 } + ["  ];"]
        }
        text = (lines + ["}"]).joined(separator: "\n") + "\n"
    }

    private static func rollback(_ root: RootSettings) throws(EraseRefusal) -> [String] {
        switch root.strategy {
        case .tmpfs:
            return [
                "  fileSystems.\"/\" = { device = \"none\"; fsType = \"tmpfs\"; " + "options = [ \"mode=755\" ]; };"
            ]
        case .zfs:
            let (dataset, blank) = (try root.needed("dataset", root.dataset), try root.needed("blank", root.blank))
            let pool = dataset.split(separator: "/").first.map(String.init) ?? dataset
            return service(
                after: "zfs-import-\(pool).service", path: "config.boot.zfs.package",
                script: [RemoteCommand("zfs", "rollback", "-r", "\(dataset)@\(blank)").shellLine])
        case .btrfs:
            let script = HostScript(
                PackageResources.btrfs_remove_sh, PackageResources.nixos_btrfs_rollback_sh,
                values: [
                    "blank": try root.needed("blank", root.blank),
                    "subvolume": try root.needed("subvolume", root.subvolume),
                ])
            return service(
                after: "initrd-root-device.target", path: "pkgs.btrfs-progs",
                device: "${lib.escapeShellArg config.fileSystems.\"/\".device}",
                script: String(decoding: script.bytes, as: UTF8.self).split(separator: "\n").map(String.init))
        case .overlay, .mkfs, .none:
            throw EraseRefusal(message: "no module is written for strategy \(root.strategy.rawValue) on NixOS")
        }
    }

    /// `device` is an expression of the language, `script` is shell.
    private static func service(after: String, path: String, device: String? = nil, script: [String]) -> [String] {
        [
            "  boot.initrd.systemd.services.ebb-rollback = {", "    description = \"Put the root back to its blank\";",
            "    requiredBy = [ \"sysroot.mount\" ];", "    before = [ \"sysroot.mount\" ];",
            "    after = [ \(quoted(after)) ];", "    requires = [ \(quoted(after)) ];", "    path = [ \(path) ];",
            "    unitConfig.DefaultDependencies = false;", "    serviceConfig.Type = \"oneshot\";", "    script = ''",
            "      set -eu",
        ] + (device.map { ["      device=\($0)"] } ?? [])
            + script.map { "      " + $0.replacing("''", with: "'''").replacing("${", with: "''${") } + [
                "    '';", "  };",
            ]
    }

    private static func bind(_ path: String, _ target: String, in settings: HostSettings) -> String {
        let storage = settings.persist.map(\.mount).filter { target.hasPrefix($0 + "/") }.max { $0.count < $1.count }
        let depends = storage.map { "depends = [ \(quoted($0)) ]; " } ?? ""
        return "  fileSystems.\(quoted(path)) = { device = \(quoted(target)); fsType = \"none\"; "
            + "options = [ \"bind\" ]; \(depends)};"
    }

    /// A path as a field of tmpfiles.d.
    private static func field(_ path: String) -> String {
        let escapes: [Unicode.Scalar: String] = ["%": "%%", "\\": "\\x5c", " ": "\\x20", "\t": "\\t", "\n": "\\n"]
        return path.unicodeScalars.map { escapes[$0] ?? String($0) }.joined()
    }

    /// A string of the Nix language; a dollar sign before a brace would begin an expression.
    static func quoted(_ text: String) -> String {
        PrintableText.quoted(text) { $0 == "$" ? "\\$" : $0 == "\r" ? "\\r" : nil }
    }
}
