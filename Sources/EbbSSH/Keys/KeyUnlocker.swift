import EbbModel
import EbbTransport
import FoundationEssentials
import Subprocess

/// Decrypts key files, each at most once in a run, however many hosts wait for it.
actor KeyUnlocker {
    /// The passphrase was wrong, or nobody gave one.
    struct StillLocked: Error {}

    private let asked: AskedOnce
    private var keys: [String: Task<PrivateKey, any Error>] = [:]

    init(asking asked: AskedOnce) { self.asked = asked }

    /// The key in a file; only the first call asks for its passphrase.
    func unlock(_ path: String) async throws -> PrivateKey {
        if let known = keys[path] { return try await known.value }
        let asked = asked
        let key = Task {
            guard let passphrase = await asked.answer(to: .passphrase(file: path)) else { throw StillLocked() }
            return try await Self.decrypt(path, passphrase)
        }
        keys[path] = key
        return try await key.value
    }

    /// Has `ssh-keygen` take the passphrase off a copy that lives in memory for a moment.
    ///
    /// The format's key derivation is not in any library here, and this program is where `ssh` is.
    private static func decrypt(_ path: String, _ passphrase: Secret) async throws -> PrivateKey {
        let directory = "/dev/shm/ebb-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let copy = directory + "/key"
        let answer = directory + "/answer"
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: copy)
        try "#!/bin/sh\nprintf '%s\\n' \"$EBB_PASSPHRASE\"\n".write(toFile: answer, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: answer)
        let result = try await Subprocess.run(
            .name("ssh-keygen"), arguments: ["-q", "-p", "-N", "", "-f", copy],
            environment: .inherit.updating([
                "SSH_ASKPASS": answer, "SSH_ASKPASS_REQUIRE": "force", "EBB_PASSPHRASE": passphrase.reveal(),
            ]), platformOptions: .killing, output: .discarded)
        guard result.terminationStatus.isSuccess else { throw StillLocked() }
        let data = try Data(contentsOf: URL(filePath: copy))
        return try PrivateKey(file: String(decoding: data, as: UTF8.self))
    }
}

extension RunFiles {
    /// The settings with every password that a person has to give; asked before any deadline runs.
    func resolved(_ settings: ConnectionSettings) async -> ConnectionSettings {
        guard settings.password == .asked || settings.jumps.contains(where: { $0.password == .asked }) else {
            return settings
        }
        var settings = settings
        settings.password = await resolvedPassword(settings)
        for index in settings.jumps.indices {
            settings.jumps[index].password = await resolvedPassword(settings.jumps[index])
        }
        return settings
    }

    private func resolvedPassword(_ settings: ConnectionSettings) async -> LoginPassword? {
        guard settings.password == .asked else { return settings.password }
        // Without an answer a key may still do; a login that fails names what was missing.
        return await asked?.answer(to: .password(user: settings.user)).map { .given($0) } ?? .asked
    }

    /// Decrypts what the settings need and no agent holds; before any deadline, because a person
    /// is asked.
    func unlock(for settings: ConnectionSettings) async {
        guard let unlocker else { return }
        for file in (settings.jumps + [settings]).flatMap({ keyFiles(for: $0) }) {
            guard case .publicOnly(let blob, isEncrypted: true) = file.content else { continue }
            if await isInAgent(blob) { continue }
            do { replace(file.path, with: .usable(try await unlocker.unlock(file.path))) } catch {
                // The login's error says that the file is encrypted, and how to add it to an agent.
            }
        }
    }
}
