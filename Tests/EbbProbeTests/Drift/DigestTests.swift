import EbbModel
import EbbProbe
import EbbTestSupport
import Foundation
import Testing

/// What is told of the contents of small files, where some of them cannot be read.
@Suite(.serialized, .blocking) struct DigestTests {
    private func root(_ strategy: Strategy, shims: [String: String]) throws -> RealRoot {
        let root = try RealRoot(strategy) { blank in
            try FileManager.default.createDirectory(atPath: blank + "/etc", withIntermediateDirectories: true)
        }
        mkdir(root.path + "/shims", 0o755)
        for (name, text) in shims {
            let shim = root.path + "/shims/" + name
            try "#!/bin/sh\n\(text)\n".write(toFile: shim, atomically: false, encoding: .utf8)
            chmod(shim, 0o755)
        }
        return root
    }

    private func observe(_ root: RealRoot, shell: [String]) throws -> Observation {
        for name in ["open", "open2", "private", "private2"] {
            let file = root.path + "/etc/" + name
            try "text of \(name)".write(toFile: file, atomically: false, encoding: .utf8)
            chmod(file, name.hasPrefix("open") ? 0o644 : 0o600)
        }
        return try root.observe(shell: ["env", "PATH=/shims:/usr/sbin:/usr/bin:/bin"] + shell)
    }

    @Test func `a file that cannot be read has no digest, least of all that of nothing`() throws {
        let shims = ["cat": "case $* in *private) exit 1 ;; *) exec /usr/bin/cat \"$@\" ;; esac"]
        for shell in RealShell.shells {
            let observation = try observe(try root(.overlay, shims: shims), shell: shell)
            let names = observation.contents.keys.map(\.printable).filter { $0.hasPrefix("/etc") }
            #expect(names.sorted() == ["/etc/open", "/etc/open2", "/etc/private2"], "\(shell)")
        }
    }

    @Test func `contents that are not read in time are unknown, the comparison is whole`() throws {
        let shim = "case $2 in sha256sum | cat) exit 124 ;; esac; exec /usr/bin/timeout \"$@\""
        for shell in RealShell.shells {
            let observation = try observe(try root(.overlay, shims: ["timeout": shim]), shell: shell)
            #expect(observation.contents.isEmpty && observation.gaps == [], "\(shell)")
            #expect(try observation.changes.all().contains { $0.path == BytePath("/etc/open") })
        }
    }

    @Test func `a blank that btrfs cannot be asked about is not known to be the root's`() throws {
        guard RealRoot.strategies.contains(.btrfs) else { return }
        for shell in RealShell.shells {
            let whole = try observe(try root(.btrfs, shims: [:]), shell: shell)
            #expect(whole.gaps == [], "\(shell)")
            let broken = try observe(try root(.btrfs, shims: ["btrfs": "exit 1"]), shell: shell)
            #expect(broken.gaps.contains { $0.probe == "blank" && $0.reason == .failed }, "\(shell)")
        }
    }

    @Test func `a private file that holds a key is known by its first lines, whatever its name`() throws {
        let keys = [
            "plain": "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n", "pkcs8": "-----BEGIN PRIVATE KEY-----\n",
            "putty": "PuTTY-User-Key-File-3: ssh-rsa\n", "age": "# public key: age1\nAGE-SECRET-KEY-1XYZ\n",
            "marked": "\u{FEFF}-----BEGIN RSA PRIVATE KEY-----\r\n",
            "indented": "key: |\n  -----BEGIN PRIVATE KEY-----\n", "wireguard": "[Interface]\nPrivateKey = aGVsbG8=\n",
            "openvpn": "-----BEGIN OpenVPN Static key V1-----\n",
            "kube": "users:\n- user:\n    client-key-data: LS0t\n", "jwk": "{\"kty\": \"OKP\", \"d\": \"x\"}\n",
            "service": "{\n  \"private_key\": \"-----BEGIN\"\n}\n",
        ]
        for shell in RealShell.shells {
            let root = try root(.overlay, shims: [:])
            let others = ["public": "-----BEGIN PUBLIC KEY-----\n", "words": "about a PRIVATE KEY\n", "none": ""]
            for (name, text) in keys.merging(others, uniquingKeysWith: { first, _ in first }) {
                let file = root.path + "/etc/" + name
                try text.write(toFile: file, atomically: false, encoding: .utf8)
                chmod(file, 0o600)
            }
            chmod(root.path + "/etc/pkcs8", 0o640)
            let observation = try root.observe(shell: shell)
            #expect(observation.keys == Set(keys.keys.map { BytePath("/etc/" + $0) }), "\(shell)")
            #expect(observation.isComplete && observation.contents.count >= 13, "\(shell)")
        }
    }
}
