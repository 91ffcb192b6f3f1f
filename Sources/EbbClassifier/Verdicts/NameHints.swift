import EbbModel

/// What a file's name and mode suggest about it, where the catalogue knows nothing.
enum NameHints {
    /// The class that an unknown file probably has.
    static func stateClass(of change: PathChange) -> StateClass {
        guard change.kind == .file else { return .unknown }
        if isNamedLikeSecret(change.path) || isCredentialFile(change.path) { return .secret }
        if needsItsDirectory(change.path) { return .precious }
        if let mode = change.mode, mode & 0o077 == 0, mode & 0o400 != 0 { return .secret }
        return .unknown
    }

    /// Whether the file is a secret by its content (`holdsKey`), by a name that only credentials have, or by a name
    /// that suggests one where not everybody may read it.
    ///
    /// A mode that lets everybody read a key makes it no less of one. Permissions that are not known speak for a
    /// secret, and so does a directory above that keeps others out (`isClosed`); an empty file holds none.
    static func looksLikeSecret(_ change: PathChange, holdsKey: Bool, isClosed: @autoclosure () -> Bool) -> Bool {
        guard change.kind == .file, change.change != .removed, change.size != 0 else { return false }
        if holdsKey || isCredentialFile(change.path) { return true }
        guard isNamedLikeSecret(change.path) else { return false }
        if (change.mode ?? 0) & 0o007 == 0 { return true }
        // Of text it is known whether it holds a key; most of what is named like this are certificates.
        return !withName(of: change.path) { ends($0, certificateEndings) } && isClosed()
    }

    /// Whether programs keep credentials in files of this name, and nothing else.
    static func isCredentialFile(_ path: BytePath) -> Bool {
        let isNamed = withName(of: path) { name in
            ends(name, keyStoreEndings) || credentialNames.contains { isName(name, $0) }
        }
        if isNamed { return true }
        return path.bytes.withUnsafeBufferPointer { bytes in
            credentialPlaces.contains { place in
                let length = place.utf8CodeUnitCount
                return bytes.count >= length && holds(bytes, place, at: bytes.count - length)
            }
                || credentialDirectories.contains { place in
                    let length = place.utf8CodeUnitCount
                    // Few paths have so many directories that this costs anything.
                    return bytes.count > length
                        && (0...(bytes.count - length)).contains { bytes[$0] == slash && holds(bytes, place, at: $0) }
                }
        }
    }

    /// Whether a file of this name mostly holds something secret.
    static func isNamedLikeSecret(_ path: BytePath) -> Bool {
        withName(of: path) { name in
            ends(name, secretEndings) || name.indices.contains { isSecretWord(name, at: $0) }
                || secretNames.contains { isName(name, $0) }
        }
    }

    /// Whether programs write a file of this name by more than one file or by renaming over it, so
    /// that only its directory can be kept.
    static func needsItsDirectory(_ path: BytePath) -> Bool { withName(of: path) { ends($0, databaseEndings) } }

    // Static strings: neither counted nor copied, and a million names go through here.
    private struct Endings {
        let texts: [StaticString]
        /// A bit for the low five bits of each last byte: most names end otherwise.
        let lastBytes: UInt32

        init(_ texts: StaticString...) {
            self.texts = texts
            lastBytes = texts.reduce(0) { $0 | 1 << UInt32($1.utf8Start[$1.utf8CodeUnitCount - 1] & 31) }
        }
    }

    private static let secretEndings = Endings(
        ".key", ".pem", ".p8", ".p12", ".pfx", ".ppk", ".jks", ".keytab", ".keystore", ".private", ".kdbx", ".ovpn",
        ".jwk")
    /// Files of which programs read passwords and keys.
    private static let secretNames: [StaticString] = [
        ".env", ".npmrc", ".yarnrc.yml", ".htpasswd", "shadow", "gshadow", "wpa_supplicant.conf",
    ]
    /// Stores of keys that no public list is kept in.
    private static let keyStoreEndings = Endings(".kdbx", ".keytab", ".ppk", ".bks", ".bcfks", ".ubr", ".jceks")
    private static let credentialNames: [StaticString] = [
        ".netrc", ".pgpass", ".my.cnf", ".mylogin.cnf", ".git-credentials", ".google_authenticator", ".dockercfg",
        ".s3cfg", ".boto", ".pypirc", ".authinfo", ".smbcredentials", ".vault-token", ".vault_pass", ".fetchmailrc",
        ".msmtprc", ".mbsyncrc", ".rhosts", "secring.gpg", "rclone.conf", "application_default_credentials.json",
        "credentials.tfrc.json", "passwd-s3fs", "kubeconfig",
    ]
    /// The ends of paths of credentials.
    private static let credentialPlaces: [StaticString] = [
        "/.docker/config.json", "/containers/auth.json", "/.kube/config", "/.aws/credentials", "/.config/gh/hosts.yml",
        "/.config/hub", "/.azure/accesstokens.json", "/.azure/msal_token_cache.json", "/gcloud/credentials.db",
        "/gcloud/access_tokens.db", "/.cargo/credentials", "/.cargo/credentials.toml", "/.gem/credentials",
        "/.composer/auth.json", "/.m2/settings-security.xml",
    ]
    private static let credentialDirectories: [StaticString] = [
        "/private-keys-v1.d/", "/credstore/", "/credstore.encrypted/", "/.password-store/",
    ]
    private static let slash = UInt8(ascii: "/")
    private static let certificateEndings = Endings(".pem")
    private static let databaseEndings = Endings(
        ".db", ".sqlite", ".sqlite3", ".mdb", ".ldb", ".sst", "-wal", "-shm", "-journal", ".db3")

    /// Calls `body` with the last component.
    private static func withName(of path: BytePath, _ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
        path.bytes.withUnsafeBufferPointer { path in
            var start = path.count
            while start > 0, path[start - 1] != UInt8(ascii: "/") { start -= 1 }
            return body(UnsafeBufferPointer(rebasing: path[start...]))
        }
    }

    private static func isSecretWord(_ name: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
        switch lower(name[start]) {
        case UInt8(ascii: "s"): holds(name, "secret", at: start)
        case UInt8(ascii: "t"): holds(name, "token", at: start)
        case UInt8(ascii: "p"):
            holds(name, "password", at: start) || holds(name, "passwd", at: start)
                || holds(name, "passphrase", at: start)
        case UInt8(ascii: "c"): holds(name, "credential", at: start)
        case UInt8(ascii: "i"):
            holds(name, "id_rsa", at: start) || holds(name, "id_ed25519", at: start)
                || holds(name, "id_ecdsa", at: start)
        default: false
        }
    }

    private static func isName(_ name: UnsafeBufferPointer<UInt8>, _ whole: StaticString) -> Bool {
        name.count == whole.utf8CodeUnitCount && holds(name, whole, at: 0)
    }

    /// Whether the name has something before one of the endings.
    private static func ends(_ name: UnsafeBufferPointer<UInt8>, _ endings: Endings) -> Bool {
        guard let last = name.last, endings.lastBytes & 1 << UInt32(last & 31) != 0 else { return false }
        return endings.texts.contains {
            let length = $0.utf8CodeUnitCount
            return name.count > length && holds(name, $0, at: name.count - length)
        }
    }

    /// Whether the word stands there, upper and lower case alike.
    private static func holds(_ name: UnsafeBufferPointer<UInt8>, _ word: StaticString, at start: Int) -> Bool {
        guard name.count - start >= word.utf8CodeUnitCount else { return false }
        for index in 0..<word.utf8CodeUnitCount where lower(name[start + index]) != word.utf8Start[index] {
            return false
        }
        return true
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
        return isUpper ? byte | 0x20 : byte
    }
}
