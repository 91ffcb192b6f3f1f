package import EbbModel
import EbbProbe
import EbbTransport
import FoundationEssentials

extension Engine {
    /// Asks everything that `ebb doctor` tells about one host, in order; changes nothing.
    ///
    /// The answer always holds every check: what an earlier failure hides is `unknown`.
    package func examine(_ settings: HostSettings) async -> [DoctorCheck] {
        var declared = settings
        declared.persistence = []
        let nonce = ProbeNonce.random()
        let script = ObservationScript(
            settings: declared, declared: [], nonce: nonce, includingDrift: false)
        let request = CommandRequest.script(script.bytes, timeout: limits.command)
            .becoming(settings.connection.become)
        let probes = DoctorProbes.all(settings.root?.strategy)
        do throws(TransportError) {
            let (answer, output, key) = try await transport.withConnection(
                to: settings.connection, timeout: limits.connect
            ) { connection throws(TransportError) in
                let session = HostSession(settings: settings, connection: connection)
                let answer = try await session.ask(probes, timeout: .seconds(60))
                return (answer, try await connection.run(request), connection.hostKey)
            }
            var parser = ObservationParser(
                settings: declared, declared: [], nonce: nonce, includingDrift: false)
            parser.feed(output.standardOutput)
            let seen = parser.finish(observedAt: clock.date())
            return reached(by: settings.connection, key: key)
                + [DoctorProbes.isRoot(answer.report), DoctorProbes.hasTools(answer.report)]
                + [clockSkew(seen), erase(seen, settings), storage(seen, settings)]
        } catch {
            return checks(upTo: error, settings.connection)
        }
    }

    private func reached(by connection: ConnectionSettings, key: HostKey) -> [DoctorCheck] {
        [
            DoctorCheck(.resolve, .passed, connection.address),
            DoctorCheck(.connect, .passed, "port \(connection.port) answers"),
            DoctorCheck(.banner, .passed, "an SSH server answers"),
            DoctorCheck(.keyExchange, .passed, "algorithms agree"),
            DoctorCheck(.hostKey, .passed, "\(key.algorithm) \(key.fingerprint) is pinned"),
            DoctorCheck(.login, .passed, "logged in as \(connection.user)"),
        ]
    }

    /// The checks before the failed one passed; those after it were not reached.
    private func checks(
        upTo error: TransportError, _ connection: ConnectionSettings
    ) -> [DoctorCheck] {
        let failed = Self.check(of: error)
        var isBehind = false
        return DoctorCheck.Name.allCases.map { name in
            if name == failed {
                isBehind = true
                return DoctorCheck(name, .failed, error.message, cure: error.code.cure)
            }
            return isBehind
                ? DoctorCheck(name, .unknown, "not reached")
                : DoctorCheck(name, .passed, "")
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
                .erase, .failed,
                "the root is \(observed.rawValue), declared is \(declared.rawValue)",
                cure: "correct the inventory, or onboard the host")
        }
        return DoctorCheck(
            .erase, .passed, "the root is \(observed.rawValue); only a reboot proves the erase")
    }

    private func storage(_ seen: Observation, _ settings: HostSettings) -> DoctorCheck {
        guard !seen.facts.mounts.isEmpty else {
            return DoctorCheck(.storage, .unknown, "the mounts could not be read")
        }
        let mounted = Set(seen.facts.mounts.map(\.mountPoint))
        let missing = settings.persist.map(\.mount).filter { !mounted.contains(BytePath($0)) }
        if settings.persist.isEmpty {
            return DoctorCheck(
                .storage, .failed, "no persistent storage is declared",
                cure: "set ebb.persist in the inventory")
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
