import EbbClassifier
import EbbInventory
import EbbModel
import EbbPlan
import EbbSSH
import EbbSetup
import EbbTransport
import Foundation

@testable import EbbProbe

/// Every reader of bytes that come from outside, by its name, with a few inputs to begin with.
///
/// A reader may refuse; it may not end the program, hang, or grow without a bound. What was read goes on through
/// the judgements that count with it.
let parsers: [String: (seeds: [String], read: @Sendable ([UInt8]) -> Void)] = [
    "observation": ([], observation),
    "zfs-diff": (["1766000000.1\tM\tF\t/etc/a\n1766000000.1\tR\t/\t/a\t-> /b\n"], { drift(.zfsDiff, $0) }),
    "drift": (
        ["#view bare\0\t/a//f 1 644 0 0 1766000000.1 1766000000.1 7\0/b//d - 755 0 0 - - 8\0#end\0"],
        { drift(.trees, $0) }
    ), "btrfs": (["\0ID 256 gen 8 cgen 7 top level 5 parent_uuid - uuid 0b \0path root\0"], btrfs),
    "zfs": (["rpool\ttype\tfilesystem\t-\nrpool@blank\tguid\t1234\t-\nrpool@blank\tcreatetxg\t12\t-\n"], zfs),
    "setup": (["begun\tx\n", "strategy\tmkfs\n"], setup),
    "reboot": (["boot 0b6a9e1c-0000-4000-8000-000000000000 1\n"], reboot),
    "nix": (
        ["{\"/persist\": {\"directories\": [\"/var/lib/nixos\", {\"directory\": \"/a\", \"mode\": \"0700\"}]}}"], nix
    ), "known-hosts": (["@revoked [a]:22,*.b ssh-ed25519 AAAA\n|1|c2FsdA==|aGFzaA== ssh-rsa AAAA x\n"], knownHosts),
    "inventory": ([hosts], inventory),
    "playbook": (["- name: a\n  hosts: all\n  tasks: [{drift: {}}, {command: {argv: [true]}}]\n"], playbook),
    "pattern": (["a:&b,!c,~x.*", "web[01:20:2].a", "@file"], pattern),
    "schedule": (
        ["FREQ=MONTHLY;BYDAY=-1SU\n3600\nEurope/Berlin", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU\n60\nUTC"], schedule
    ), "openssh": (["hostname a\nport 22\nproxyjump b@c:99,[::1]:2\nidentityfile ~/.ssh/x\n"], openSSH),
    "password": (["[sudo] password:\n"], password),
    "fleet-lock": (["{\"client_params\": {\"id\": \"a\", \"group\": \"default\"}}"], fleetLock),
]

private let hosts = """
    all:
      vars: {ansible_user: root, ebb: {reboot: {soak: 5s, windows: [{when: "Mon 02:00", length: 2h}]}}}
      children: {web: {hosts: {"w[1:3]": {ansible_port: 22, ansible_ssh_common_args: "-o ProxyJump=b"}}}}
      hosts: {a: {ebb: {root: {strategy: btrfs, top: /t, subvolume: root, blank: blank, erases: [/s]},
        persist: [{mount: /persist}], persistence: [{path: /etc/a, mechanism: bind, class: config, mode: "0700"}]}}}
    """

private let mark = ProbeNonce(text: "1f0000000000000010000000000000ff")
private let settings: HostSettings = {
    guard let name = try? HostName("fuzz") else { fatalError("not a host's name") }
    var settings = HostSettings(host: name, groups: [], connection: ConnectionSettings(host: name, address: "fuzz"))
    var root = RootSettings(strategy: .btrfs)
    (root.blank, root.top, root.subvolume, root.erases) = ("blank", "/top", "root", ["/scratch"])
    settings.root = root
    settings.persist = [PersistentStorage(mount: "/persist")]
    settings.persistence = [
        PersistenceEntry(path: "/etc/app", mechanism: .bind, target: "/persist/etc/app", stateClass: .config),
        PersistenceEntry(path: "/srv", mechanism: .symlink, target: "/persist/srv"),
    ]
    settings.accept = [Acceptance(path: "/tmp/**", reason: "r", by: "b")]
    return settings
}()

private let script = ObservationScript(
    settings: settings, declared: settings.persistence, nonce: mark, includingDrift: true, includingCensus: true)

/// An observation of this machine, as its shell answers: what a host sends.
func observationSeed() throws -> [UInt8] {
    let shell = Process()
    let (input, output) = (Pipe(), Pipe())
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-s"]
    (shell.standardInput, shell.standardOutput, shell.standardError) = (input, output, FileHandle.nullDevice)
    try shell.run()
    try input.fileHandleForWriting.write(contentsOf: script.bytes)
    try input.fileHandleForWriting.close()
    let answer = try output.fileHandleForReading.readToEnd() ?? Data()
    shell.waitUntilExit()
    return Array(answer.prefix(60_000))
}

@Sendable private func observation(_ bytes: [UInt8]) {
    var parser = ObservationParser(script)
    // As packets come: cut at places that the bytes choose.
    var start = 0
    while start < bytes.count {
        let end = min(bytes.count, start + 1 + Int(bytes[start]) * 16)
        parser.feed(Array(bytes[start..<end]))
        start = end
    }
    judge(parser.finish(observedAt: Date(timeIntervalSince1970: 1_796_000_000)))
}

private func judge(_ observation: Observation) {
    let mounts = observation.facts.mounts
    let findings = DeclaredJudge(settings: settings, mounts: mounts).findings(
        settings.persistence, states: observation.declared)
    var judgement = Judgement(settings: settings, findings: findings, mounts: mounts, now: observation.observedAt)
    (judgement.keys, judgement.erased, judgement.originals) = (
        observation.keys, observation.erased, observation.originals
    )
    let judged = JudgedChanges(observation.changes, judgement)
    _ = try? Losses(judged, settings: settings).text
    try? judged.forEachEntry { _ = $0.reason.count }
}

private func drift(_ format: DriftParser.Format, _ bytes: [UInt8]) {
    var parser = DriftParser(format)
    for piece in stride(from: 0, to: bytes.count, by: 97) { parser.feed(bytes[piece..<min(bytes.count, piece + 97)]) }
    try? parser.finish().forEach { _ = $0.path.printable }
}

@Sendable private func btrfs(_ bytes: [UInt8]) {
    guard let state = try? BtrfsState(parsing: bytes) else { return }
    _ = BtrfsPlanner(settings: settings, state: state).identity(of: "blank")
}

@Sendable private func zfs(_ bytes: [UInt8]) {
    guard let state = try? ZFSState(parsing: bytes) else { return }
    _ = state.transaction("rpool@blank")
    _ = state.snapshots(of: "rpool")
}

@Sendable private func setup(_ bytes: [UInt8]) {
    _ = try? HostSurvey(parsing: bytes)
    _ = try? DirectoryBlank(parsing: bytes)
    _ = AdoptReport(parsing: bytes, nonce: mark)
    _ = try? OrphanProbe.orphans(bytes)
    _ = ChangedSince.paths(bytes)
    _ = try? EraseState(parsing: bytes, fileCount: 2)
}

@Sendable private func reboot(_ bytes: [UInt8]) {
    _ = CanaryShell.planted(bytes)
    _ = SafetyCopyListing(bytes)
    _ = AttributionReader.read(bytes, of: [BytePath("/a"), BytePath("/b")])
    _ = BaselineProbe.entries(bytes)
}

@Sendable private func nix(_ bytes: [UInt8]) { _ = try? NixDeclaration(parsing: bytes) }

@Sendable private func knownHosts(_ bytes: [UInt8]) {
    let known = KnownHosts(bytes, file: "known_hosts")
    _ = known.pins(address: "a", port: 22)
    _ = known.pins(address: "x.b", port: 2222)
}

@Sendable private func inventory(_ bytes: [UInt8]) {
    let context = InventoryContext(directory: "/i", home: "/root", user: "root", presets: [])
    _ = InventoryReader.read([InventoryFile(path: "hosts.yml", bytes: bytes)], context)
}

@Sendable private func playbook(_ bytes: [UInt8]) { _ = PlaybookReader.read(bytes, file: "play.yml") }

@Sendable private func pattern(_ bytes: [UInt8]) {
    _ = try? HostPattern(String(decoding: bytes, as: UTF8.self)) { (_) throws(PatternError) in "a\nb" }
}

@Sendable private func schedule(_ bytes: [UInt8]) {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count == 3, let recurrence = try? Recurrence(String(lines[0])), let duration = Int(lines[1]) else {
        return
    }
    var window = WindowSettings.unset
    (window.recurrence, window.duration, window.timezone) = (recurrence, duration, String(lines[2]))
    guard window.problems.isEmpty, let calendar = try? MaintenanceCalendar(windows: [window]) else { return }
    _ = calendar.openings(after: Date(timeIntervalSince1970: 1_796_000_000), count: 3)
}

@Sendable private func openSSH(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    _ = OpenSSHAnswer(text)
    _ = OpenSSHAnswer.jump(text, for: settings.connection)
}

@Sendable private func password(_ bytes: [UInt8]) {
    let become = Become(password: Secret("secret"))
    let request = CommandRequest(RemoteCommand("true"), timeout: .seconds(1)).becoming(become)
    guard var dialogue = PasswordDialogue(request) else { return }
    for piece in stride(from: 0, to: bytes.count, by: 7) {
        _ = dialogue.take(Array(bytes[piece..<min(bytes.count, piece + 7)]))
    }
    _ = dialogue.finish()
}

@Sendable private func fleetLock(_ bytes: [UInt8]) {
    _ = try? FleetLockRequest(endpoint: .preReboot, header: "true", body: bytes)
}
