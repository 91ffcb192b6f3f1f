package import EbbModel
import EbbProbe
import EbbStore
import EbbTransport
import FoundationEssentials

extension Engine {
    /// Asks everything that `ebb doctor` tells about one host, in order; changes nothing.
    ///
    /// The answer always holds every check: what an earlier failure hides is `unknown`.
    package func examine(_ settings: HostSettings) async -> [DoctorCheck] {
        var declared = settings
        declared.persistence = []
        let script = ObservationScript(settings: declared, declared: [], includingDrift: false)
        let request = CommandRequest.script(script.bytes, timeout: limits.command).becoming(settings.connection.become)
        let probes = DoctorProbes.all(settings.root?.strategy)
        do throws(TransportError) {
            let (answer, output, key, algorithms) = try await transport.withConnection(
                to: settings.connection, timeout: limits.connect
            ) { connection throws(TransportError) in
                let session = HostSession(settings: settings, connection: connection)
                let answer = try await session.ask(probes, timeout: .seconds(60))
                let output = try await connection.run(request)
                return (answer, output, connection.hostKey, connection.algorithms)
            }
            var parser = ObservationParser(script)
            parser.feed(output.standardOutput)
            let seen = parser.finish(observedAt: clock.date())
            return reached(by: settings.connection, key: key, algorithms) + [await machine(seen, settings.host)] + [
                DoctorProbes.isRoot(answer.report), DoctorProbes.hasTools(answer.report),
            ] + [clockSkew(seen), erase(seen, settings), storage(seen, settings)]
        } catch { return checks(upTo: error, settings.connection) }
    }

    private func reached(by connection: ConnectionSettings, key: HostKey, _ algorithms: ChosenAlgorithms?)
        -> [DoctorCheck]
    {
        let chosen = algorithms.map { algorithms in
            let names = [algorithms.keyExchange, algorithms.hostKey, algorithms.cipher, algorithms.mac]
            let agreed = names.filter { !$0.isEmpty }.joined(separator: ", ")
            return PrintableText.line("\(algorithms.client): \(agreed)")
        }
        return [
            DoctorCheck(.resolve, .passed, connection.address),
            DoctorCheck(.connect, .passed, "port \(connection.port) answers"),
            DoctorCheck(.banner, .passed, "an SSH server answers"),
            DoctorCheck(.keyExchange, .passed, chosen ?? "algorithms agree"),
            DoctorCheck(.hostKey, .passed, "\(key.algorithm) \(key.fingerprint) is pinned"),
            DoctorCheck(.login, .passed, "logged in as \(connection.user)"),
        ]
    }

    /// Whether the machine is the one that was recorded; the first one seen is no evidence.
    private func machine(_ seen: Observation, _ host: HostName) async -> DoctorCheck {
        guard let now = seen.facts.machineID else {
            return DoctorCheck(.machine, .unknown, "the host shows no machine id")
        }
        let known: [IdentitySighting]
        do throws(StoreError) { known = try await store.identities(of: host, .machineID) } catch {
            return DoctorCheck(.machine, .unknown, "what was recorded cannot be read: \(error)")
        }
        guard let recorded = known.first?.value else {
            return DoctorCheck(.machine, .passed, "\(now); none was recorded yet")
        }
        if recorded == now { return DoctorCheck(.machine, .passed, now) }
        return DoctorCheck(
            .machine, .failed, "machine id \(now) answers, recorded is \(recorded)",
            cure: TransportError.Code.differentMachine.cure)
    }

    /// The checks before the failed one passed; those after it were not reached.
    private func checks(upTo error: TransportError, _ connection: ConnectionSettings) -> [DoctorCheck] {
        let failed = Self.check(of: error)
        var isBehind = false
        return DoctorCheck.Name.allCases.map { name in
            if name == failed {
                isBehind = true
                return DoctorCheck(name, .failed, error.message, cure: error.code.cure)
            }
            return isBehind ? DoctorCheck(name, .unknown, "not reached") : DoctorCheck(name, .passed, "")
        }
    }

    private static func check(of error: TransportError) -> DoctorCheck.Name {
        switch error.phase {
        case .resolve: .resolve
        case .connect: .connect
        case .banner: .banner
        case .keyExchange: .keyExchange
        case .hostKey: .hostKey
        case .authenticate: .login
        case .open, .command, .close: .root
        }
    }

    private func clockSkew(_ seen: Observation) -> DoctorCheck {
        guard let clock = seen.facts.clock else {
            return DoctorCheck(.clock, .unknown, "the host's clock could not be read")
        }
        let skew = Int(clock.timeIntervalSince(seen.observedAt).rounded())
        if abs(skew) <= 5 { return DoctorCheck(.clock, .passed, "within 5 s of this machine's") }
        return DoctorCheck(
            .clock, .failed, "\(abs(skew)) s \(skew > 0 ? "ahead of" : "behind") this machine's",
            cure: "let chrony or systemd-timesyncd keep the clock")
    }

    private func erase(_ seen: Observation, _ settings: HostSettings) -> DoctorCheck {
        guard let observed = seen.strategy else {
            return DoctorCheck(.erase, .unknown, "how the root is mounted could not be read")
        }
        guard let declared = settings.root?.strategy else {
            return DoctorCheck(
                .erase, .failed, "the root is \(observed.rawValue); nothing is declared",
                cure: "set ebb.root.strategy in the inventory")
        }
        guard observed == declared else {
            return DoctorCheck(
                .erase, .failed, "the root is \(observed.rawValue), but the inventory declares \(declared.rawValue)",
                cure: "correct the inventory, or onboard the host")
        }
        return DoctorCheck(.erase, .passed, "the root is \(observed.rawValue); only a reboot proves the erase")
    }

    private func storage(_ seen: Observation, _ settings: HostSettings) -> DoctorCheck {
        guard !seen.facts.mounts.isEmpty else { return DoctorCheck(.storage, .unknown, "the mounts could not be read") }
        let mounted = Set(seen.facts.mounts.map(\.mountPoint))
        let missing = settings.persist.map(\.mount).filter { !mounted.contains(BytePath($0)) }
        if settings.persist.isEmpty {
            return DoctorCheck(
                .storage, .failed, "no persistent storage is declared", cure: "set ebb.persist in the inventory")
        }
        if missing.isEmpty {
            let names = settings.persist.map(\.mount).joined(separator: ", ")
            return DoctorCheck(.storage, .passed, "\(names) is mounted")
        }
        return DoctorCheck(
            .storage, .failed, "not mounted: \(missing.joined(separator: ", "))",
            cure: "mount it before anything is rebooted")
    }
}
