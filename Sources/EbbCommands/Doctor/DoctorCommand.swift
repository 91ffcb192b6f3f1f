import ArgumentParser
import EbbEngine
import EbbModel
import EbbReport
import EbbSSH
import EbbStore
import EbbTransport
import FoundationEssentials

/// `ebb doctor`: whether Ebb can work with each host, and what to do where it cannot.
struct DoctorCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Checks the connection to each host, and what Ebb needs there.",
        discussion: """
            Changes nothing on a host. With --trust it first shows the keys of hosts without a pinned key, \
            and pins them in known_hosts once you say that they are right; a changed key \
            is never pinned over an old one. Exit status 3 when a check fails, 4 when one is not \
            reached.
            """
    ).example("ebb doctor web --trust")

    @Flag(help: "Show new host keys and changed machines, ask, then pin them.") var trust = false

    @Flag(help: "With --trust: do not ask; you have compared what is shown.") var yes = false

    @OptionGroup var chosen: ChosenHosts

    func run() async throws {
        let (format, fleet) = try await open()
        if trust { try await TrustDialogue(fleet: fleet, options: options, isMeant: yes).run() }
        let engine = try await fleet.engine(verifyingMachines: false)
        let timeout = options.connectTimeout.duration
        let found = await fanOut(over: fleet.selected, limit: options.parallel) { settings in
            async let offer = DoctorReport.Offer.read(from: settings.connection, timeout: timeout)
            return (checks: await engine.examine(settings), offer: await offer)
        }
        let report = DoctorReport(
            hosts: zip(fleet.selected, found).map { ($0.host, $1.checks) },
            offers: Dictionary(
                zip(fleet.selected, found).compactMap { settings, found in found.offer.map { (settings.host, $0) } },
                uniquingKeysWith: { first, _ in first }), library: .linked)
        try options.results.write(as: format, json: report.json) {
            report.text(width: $0, color: $1, showingOffers: options.verbose > 0)
        }
        try report.exitStatus.leave()
    }
}

extension DoctorReport.Offer {
    /// What a server says of itself before anybody is logged in; `nil` where others lie before it.
    fileprivate static func read(from settings: ConnectionSettings, timeout: Duration) async -> Self? {
        guard settings.jumps.isEmpty, let greeting = try? await ServerGreeting.read(from: settings, timeout: timeout)
        else { return nil }
        let advice = NegotiationAdvice(greeting, library: .linked)
        let methods = advice.gaps.isEmpty ? try? await SSHTransport().loginMethods(of: settings, timeout: timeout) : nil
        return Self(
            banner: greeting.banner, keyExchange: greeting[.keyExchange], hostKeys: greeting[.hostKey],
            ciphers: greeting[.cipher], macs: greeting[.mac], loginMethods: methods ?? [], trouble: advice.explanation)
    }
}

extension DoctorReport.Offer {
    /// The libssh2 that this program is linked with.
    static var linked: DoctorReport.Offer {
        let library = SSHLibrary.linked
        return DoctorReport.Offer(
            banner: library.version, keyExchange: library[.keyExchange], hostKeys: library[.hostKey],
            ciphers: library[.cipher], macs: library[.mac], trouble: library.refusal)
    }
}

/// Pins host keys and records machines, once a person has seen what they are.
///
/// Only keys of which nothing is known: a changed or a revoked one is left to the examination, which
/// says what it may mean. No check is switched off for a moment.
struct TrustDialogue {
    let fleet: Fleet
    let options: GlobalOptions
    /// Whether everything shown is trusted without asking.
    let isMeant: Bool

    /// Asks about the keys on the way to each host, nearest first, then about the machines.
    func run() async throws {
        let longest = fleet.selected.map(\.connection.jumps.count).max() ?? 0
        for _ in 0...longest {
            // Pins are read once by each transport.
            let engine = try await fleet.engine(verifyingMachines: false)
            let found = await fanOut(over: fleet.selected, limit: options.parallel) { settings in
                await Self.unknownKey(settings, engine)
            }
            var new: [HostKeyRefusal] = []
            for case let key? in found where !new.contains(key) { new.append(key) }
            guard !new.isEmpty else { break }
            try confirm(
                new.map { "\($0.name)  \($0.key.algorithm) \($0.key.fingerprint)" },
                question: "Are these the keys that the hosts' own consoles show")
            for key in new {
                do throws(KnownHostsFile.CannotPin) { try KnownHostsFile.pin(key) } catch {
                    throw Failure(.toolFailure, "the key is not pinned", cause: error)
                }
                options.notes.note("pinned \(key.name) in \(key.files.first ?? "")")
            }
        }
        try await machines(try await fleet.engine(verifyingMachines: false))
    }

    /// Records the machines behind hosts for which others were recorded.
    private func machines(_ engine: Engine) async throws {
        let shown = await fanOut(over: fleet.selected, limit: options.parallel) { settings in
            await Self.machineID(settings, engine)
        }
        var changed: [(host: HostName, old: String, new: String)] = []
        for (settings, now) in zip(fleet.selected, shown) {
            let known = try await engine.store.identities(of: settings.host, .machineID).first
            guard let now, let known, known.value != now else { continue }
            changed.append((settings.host, known.value, now))
        }
        guard !changed.isEmpty else { return }
        try confirm(
            changed.map { "\($0.host.text)  machine \($0.new), recorded is \($0.old)" },
            question: "Do you expect these new machine ids (a reinstall, a lost machine-id)")
        for machine in changed {
            try await engine.store.recordIdentity(host: machine.host, .machineID, machine.new, at: engine.clock.date())
            options.notes.note("recorded the machine of \(machine.host.text)")
        }
    }

    private func confirm(_ lines: [String], question: String) throws {
        for line in lines { Terminal.error.write("  " + PrintableText.line(line) + "\n") }
        if isMeant { return }
        guard Terminal.input.isTerminal else {
            throw Failure(
                .usage, "there is no terminal to ask whether to trust these",
                hint: "compare the fingerprints, then run it again with --trust --yes")
        }
        Terminal.error.write("\(question)? Type yes: ")
        guard readLine() == "yes" else {
            throw Failure(
                .usage, "no further key was pinned and no machine recorded",
                hint: "run it again once you have compared them")
        }
    }

    private static func unknownKey(_ settings: HostSettings, _ engine: Engine) async -> HostKeyRefusal? {
        do throws(TransportError) {
            try await engine.transport.withConnection(to: settings.connection, timeout: engine.limits.connect) { _ in }
            return nil
        } catch {
            guard let refusal = HostKeyRefusal(behind: error) else { return nil }
            switch refusal.verdict {
            case .unknown, .authorityOnly: return refusal
            case .accepted, .mismatch, .revoked: return nil
            }
        }
    }

    private static func machineID(_ settings: HostSettings, _ engine: Engine) async -> String? {
        let request = CommandRequest(RemoteCommand("cat", "/etc/machine-id"), timeout: .seconds(20))
        let output = try? await engine.transport.withConnection(to: settings.connection, timeout: engine.limits.connect)
        { connection throws(TransportError) in try await connection.run(request, limit: 256) }
        guard let output, output.end.isSuccess else { return nil }
        let text = String(decoding: output.standardOutput, as: UTF8.self).prefix { $0.isHexDigit }
        return text.count == 32 ? String(text) : nil
    }
}
