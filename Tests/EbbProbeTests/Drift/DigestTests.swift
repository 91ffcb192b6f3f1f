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

    @Test func `a file that holds a key is known by its content, whatever its name and mode`() throws {
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
            // Whatever the mode, far into the file, at its beginning where it is large, and in bytes.
            let long = String(repeating: "a line of text\n", count: 2_000)
            let bytes: [String: [UInt8]] = [
                "late": Array((long + "-----BEGIN PRIVATE KEY-----\n").utf8),
                "jks": [0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2],
                "p12": [0x30, 0x82, 0x0A, 0x63, 2, 1, 3, 0x30, 0x82, 0x0A, 0x19, 6, 9],
                "pk": [0x30, 0x82, 1, 2, 2, 1, 3, 0x30],
                "pkcs8-der": [0x30, 0x82, 4, 0xBD, 2, 1, 0, 0x30, 0x0D, 6, 9, 0x2A, 0x86, 0x48, 0x86],
                "pkcs1-der": [0x30, 0x82, 4, 0xA3, 2, 1, 0, 2, 0x82, 1], "ec-der": [0x30, 0x77, 2, 1, 1, 4, 0x20, 9],
                "kdb": [3, 0xD9, 0xA2, 0x9A, 0x67, 0xFB, 0x4B, 0xB5, 1],
                "luks": Array("LUKS".utf8) + [0xBA, 0xBE, 0, 2],
                "large": Array("LUKS".utf8) + [0xBA, 0xBE, 0, 2] + [UInt8](repeating: 0, count: 200_000),
                "auths": Array(#"{"auths": {"r": {"auth": "dXNlcjpwYXNz"}}}"#.utf8),
                "npm": Array("//registry.npmjs.org/:_authToken=npm_x\n".utf8),
                "git": Array("https://me:pw@host\n".utf8), "aws": Array("[default]\naws_secret_access_key = x\n".utf8),
                "otp": Array("ABC\n\" TOTP_AUTH\n".utf8), "gpg": Array("(21:protected-private-key(3:rsa".utf8),
                "cred": Array("k6iUCUh0RJCQyvL8k8q1UyAAAA\n".utf8), "encrypted": Array("age-encryption.org/v1\n".utf8),
                "inline": Array("K=\"-----BEGIN RSA PRIVATE KEY-----\\nMII\n".utf8),
            ]
            for (name, content) in bytes {
                try Data(content).write(to: URL(filePath: root.path + "/etc/" + name))
                chmod(root.path + "/etc/" + name, 0o644)
            }
            let others = ["public": "-----BEGIN PUBLIC KEY-----\n", "words": "about a PRIVATE KEY\n", "none": ""]
            for (name, text) in keys.merging(others, uniquingKeysWith: { first, _ in first }) {
                let file = root.path + "/etc/" + name
                try text.write(toFile: file, atomically: false, encoding: .utf8)
                chmod(file, 0o600)
            }
            chmod(root.path + "/etc/pkcs8", 0o640)
            let observation = try root.observe(shell: shell)
            let expected = Set((Array(keys.keys) + Array(bytes.keys)).map { BytePath("/etc/" + $0) })
            #expect(observation.keys == expected, "\(shell): \(observation.keys.symmetricDifference(expected))")
            #expect(observation.isComplete && observation.contents.count >= 13, "\(shell)")
        }
    }
}
