import EbbClassifier
import EbbTestSupport
import Foundation
import Testing

@testable import EbbModel

/// What looks like a secret is accounted for by nobody who speaks of a whole place.
@Suite struct SecretVerdictTests {
    private let classifiers = ClassifierTests()

    private func key(_ path: String, mode: UInt16? = 0o600, size: Int64? = 1_704, _ change: PathChange.Kind = .added)
        -> PathChange
    { classifiers.change(path, change, size: size, mode: mode) }

    @Test(arguments: [
        "/var/cache/private-ca/ca.key", "/var/lib/systemd/home/local.private", "/tmp/upload/id_ed25519",
        "/root/.cache/app/api-token", "/var/lib/apt/lists/mirror.pfx",
    ]) func `a private key in a place of noise is unexplained, and a secret`(path: String) throws {
        let entry = try #require(Classifier.classify([key(path)], try classifiers.judgement()).first)
        #expect(entry.verdict == .unexplained)
        #expect(entry.stateClass == .secret)
        #expect(entry.reason.contains("looks like a secret"))
        #expect(entry.suggestion?.hasPrefix("keep ") == true)
    }

    @Test func `what anybody may read, what holds nothing and what is gone is noise as before`() throws {
        let changes = [
            key("/var/cache/man/index.key", mode: 0o644), key("/var/cache/debconf/passwords.dat", size: 0),
            key("/var/cache/old/ca.key", .removed), key("/var/cache/apt/pkgcache.bin"),
            key("/var/lib/systemd/random-seed"), key("/root/.bash_history"),
            // The catalogue knows this very file.
            key("/var/cache/debconf/passwords.dat"),
        ]
        for entry in Classifier.classify(changes, try classifiers.judgement()) {
            #expect(entry.verdict == .noise, "\(entry.change.path)")
        }
    }

    @Test func `a key that a group may read is a secret, and so is a file of passwords`() throws {
        let judgement = try classifiers.judgement()
        #expect(classifiers.verdict(key("/var/cache/ssl/site.key", mode: 0o640), judgement) == .unexplained)
        for name in [
            ".env", ".netrc", ".pgpass", "smb-passwd", "vault.passphrase", "passwords.kdbx", "office.ovpn", "sign.jwk",
            "AuthKey.p8", "kubeconfig", ".git-credentials",
        ] { #expect(classifiers.verdict(key("/var/cache/app/\(name)"), judgement) == .unexplained, "\(name)") }
        #expect(classifiers.verdict(key("/var/cache/app/x.env"), judgement) == .noise)
    }

    @Test func `a key is a secret whatever its mode, and so is a file that holds nothing but credentials`() throws {
        var judgement = try classifiers.judgement(accept: [Acceptance(path: "/var/log/**", reason: "r", by: "o")])
        for name in [
            ".netrc", ".pgpass", ".my.cnf", ".git-credentials", ".google_authenticator", ".docker/config.json",
            ".kube/config", ".aws/credentials", "gcloud/application_default_credentials.json",
            ".gnupg/private-keys-v1.d/ABC.key", "etc/credstore.encrypted/db", "store.kdbx", "host.keytab",
        ] {
            for place in ["/var/cache/ci/", "/var/log/ci/"] {
                let found = classifiers.verdict(key(place + name, mode: 0o644), judgement)
                #expect(found == .unexplained, "\(place)\(name)")
            }
        }
        for name in ["config.json", "config", "credentials.md", "x.docker-config.json", "credstore", "public.pem"] {
            #expect(classifiers.verdict(key("/var/cache/ci/\(name)", mode: 0o644), judgement) == .noise, "\(name)")
        }
        judgement.keys = [BytePath("/var/cache/ca/blob"), BytePath("/var/log/app/blob")]
        for path in judgement.keys {
            #expect(classifiers.verdict(key(path.printable, mode: 0o644), judgement) == .unexplained, "\(path)")
        }
    }

    @Test func `a closed directory keeps a secret as well as its own mode does`() throws {
        let changes = [
            classifiers.change("/var/cache/ca", .added, .directory, mode: 0o700),
            key("/var/cache/ca-public/site-token", mode: 0o644), key("/var/cache/ca/.token", mode: 0o644),
            key("/var/cache/ca/sub/token", mode: 0o644), key("/var/cache/cb/token", mode: 0o644),
        ]
        #expect(
            Classifier.classify(changes, try classifiers.judgement()).map(\.verdict) == [
                .noise, .noise, .unexplained, .unexplained, .noise,
            ])
    }

    @Test func `what must outlive a boot by convention is no noise`() throws {
        let judgement = try classifiers.judgement()
        for path in ["/var/tmp/export.sqlite", "/root/.local/share/Trash/files/thesis.odt"] {
            #expect(classifiers.verdict(classifiers.change(path), judgement) == .unexplained, "\(path)")
        }
        let own = "/var/tmp/systemd-private-1-chrony.service-x/tmp"
        #expect(classifiers.verdict(classifiers.change(own, .added, .directory), judgement) == .noise)
    }

    @Test func `what was written to the root before a mount covered it is accounted for by nobody`() throws {
        let judgement = try classifiers.judgement(mounts: ["/persist", "/tmp"])
        let found = try #require(Classifier.classify([classifiers.change("/persist/early.db")], judgement).first)
        #expect(found.verdict == .unexplained && found.reason.hasPrefix("hidden below the mount at /persist"))
        #expect(classifiers.verdict(classifiers.change("/tmp/x"), judgement) == .noise)
        #expect(classifiers.verdict(classifiers.change("/persist/var", .added, .directory), judgement) == .managed)
        #expect(classifiers.verdict(classifiers.change("/persist/old", .removed), judgement) == .managed)
    }

    @Test func `a secret whose permissions are not known is no noise either`() throws {
        let judgement = try classifiers.judgement()
        #expect(classifiers.verdict(key("/var/cache/private-ca/ca.key", mode: nil), judgement) == .unexplained)
    }

    @Test func `a secret that comes back by itself is a secret all the same`() throws {
        let judgement = try classifiers.judgement(regenerated: ["/srv/made/ca.key", "/srv/made/list"])
        #expect(classifiers.verdict(key("/srv/made/ca.key"), judgement) == .unexplained)
        #expect(classifiers.verdict(key("/srv/made/list", mode: 0o644), judgement) == .regenerated)
    }

    @Test func `nobody is advised to accept the loss of a whole cache for the key in it`() throws {
        let entries = Classifier.classify([key("/var/cache/private-ca/ca.key")], try classifiers.judgement())
        let proposals = try Proposal.all(for: entries)
        #expect(proposals.map(\.path) == [BytePath("/var/cache/private-ca/ca.key")])
        #expect(proposals.map(\.action) == [.keep(.symlink)])
    }

    private func verdict(_ change: PathChange, accept: String..., naming named: Acceptance.NamedClass? = nil) throws
        -> PathVerdict?
    {
        let accept = accept.map { Acceptance(path: $0, reason: "r", by: "o", namedClass: named) }
        return classifiers.verdict(change, try classifiers.judgement(accept: accept))
    }

    @Test func `a glob covers a secret only where it says so, or is that very path`() throws {
        let secret = key("/srv/app/ca.key")
        for wide in ["/**", "/srv/**", "/srv/app", "/srv/app/*.key"] {
            #expect(try verdict(secret, accept: wide) == .unexplained, "\(wide)")
            #expect(try verdict(secret, accept: wide, naming: .secret) == .accepted, "\(wide)")
            #expect(try verdict(classifiers.change("/srv/app/ca.key.txt"), accept: "/srv/app/**") == .accepted)
        }
        #expect(try verdict(secret, accept: "/srv/app/ca.key") == .accepted)
        #expect(try verdict(secret, accept: "/srv/app/ca.key", "/srv/**") == .accepted)
        // Permissions alone are what every temporary file has.
        #expect(try verdict(key("/data/app/upload"), accept: "/data/app/**") == .accepted)
        // The catalogue's secrets as well, whatever their names; their directories hold none themselves.
        #expect(try verdict(classifiers.change("/etc/wireguard/wg0.conf"), accept: "/etc/**") == .unexplained)
        #expect(try verdict(classifiers.change("/etc/wireguard", .added, .directory), accept: "/etc/**") == .accepted)
        let entry = Classifier.classify(
            [secret], try classifiers.judgement(accept: [Acceptance(path: "/srv/**", reason: "r", by: "o")])
        ).first
        #expect(entry?.reason.contains("class: secret") == true)
        #expect(entry?.stateClass == .secret)
    }

    @Test func `another acceptance holds where the nearest does not`() throws {
        let accept = [
            Acceptance(path: "/srv/app/**", reason: "r", by: "o", until: "2026-01-01"),
            Acceptance(path: "/srv/**", reason: "wide", by: "o", namedClass: .secret),
        ]
        let entries = Classifier.classify(
            [key("/srv/app/ca.key"), classifiers.change("/srv/app/data")], try classifiers.judgement(accept: accept))
        #expect(entries.map(\.verdict) == [.accepted, .accepted])
        #expect(entries.allSatisfy { $0.reason.contains("wide") })
    }

    @Test func `an escaped path means itself`() throws {
        for path in ["/srv/a*b", "/srv/[x]", "/srv/**", "/srv/what?", "/srv/back\\slash"] {
            let escaped = Acceptance(path: Acceptance.escaped(path), reason: "r", by: "o")
            #expect(escaped.literalPath == BytePath(path))
            #expect(try verdict(key(path + "", mode: 0o644), accept: escaped.path) == .accepted)
            #expect(try verdict(key("/srv/axb", mode: 0o644), accept: escaped.path) == .unexplained)
        }
    }

    @Test func `what takes in a top directory is wide`() {
        for path in ["/", "/*", "/**", "/etc", "/etc/*", "/etc/**", "/*/**", "/**/*", "/e*/**", "/data/?*"] {
            #expect(Acceptance(path: path, reason: "r", by: "o").isWide, "\(path)")
        }
        for path in ["/etc/x", "/var/cache/**", "/var/*.log", "/**/cache", "/*/cache"] {
            #expect(!Acceptance(path: path, reason: "r", by: "o").isWide, "\(path)")
        }
    }

    @Test func `what the trie matches is what one acceptance after the other matches`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededRandom(seed: seed)
        let names = ["a", "b", "ab", "*", "**", "?", "[ab]"]
        func path(_ names: [String]) -> String {
            "/"
                + (0..<Int.random(in: 1...4, using: &generator)).map { _ in names.randomElement(using: &generator) ?? ""
                }.joined(separator: "/")
        }
        for _ in 0..<400 {
            let acceptance = Acceptance(path: path(names), reason: "r", by: "o")
            let change = classifiers.change(path(["a", "b", "ab", "c"]))
            let judgement = try classifiers.judgement(accept: [acceptance])
            let isCovered = AcceptedLosses([acceptance]).covering(change.path, isSecret: false) { _ in true } != nil
            #expect(
                (classifiers.verdict(change, judgement) == .accepted) == isCovered,
                "seed \(seed): \(acceptance.path) \(change.path)")
        }
    }

    @Test func `what the boot destroys beside the root is judged like the root, and says where it lies`() throws {
        var judgement = try classifiers.judgement(
            mounts: ["/scratch", "/var/lib/ledger", "/var/cache", "/data", "/scratch/kept"],
            accept: [Acceptance(path: "/scratch/accepted", reason: "r", by: "o")])
        judgement.erased = ["/scratch", "/var/lib/ledger", "/var/cache"].reduce(into: []) { $0.insert(BytePath($1)) }
        judgement.erases = [BytePath("/scratch")]
        let entries = Classifier.classify(
            [
                classifiers.change("/data/x"), classifiers.change("/scratch", .modified, .directory),
                classifiers.change("/scratch/accepted"), classifiers.change("/scratch/dump"),
                classifiers.change("/scratch/kept/below"), classifiers.change("/var/cache/apt/x"),
                key("/var/cache/ca.key"), classifiers.change("/var/lib/ledger/books"),
            ], judgement)
        #expect(
            entries.map(\.verdict) == [
                .unexplained, .managed, .accepted, .unexplained, .unexplained, .noise, .unexplained, .unexplained,
            ])
        #expect(entries[3].reason.hasPrefix("lies in the mount at /scratch, which the boot erases: "))
        #expect(entries[7].reason.hasPrefix("lies in memory, in the mount at /var/lib/ledger: "))
    }
}
