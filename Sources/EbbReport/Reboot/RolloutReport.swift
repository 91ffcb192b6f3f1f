package import EbbModel
package import FoundationEssentials

/// How a rollout went, or stands: one entry per host, with what its boot proved.
package struct RolloutReport: Sendable {
    /// One host's attempt.
    package struct Host: Sendable {
        package let host: HostName
        /// Counted from 1.
        package let wave: Int
        package let state: AttemptState
        /// The word from the closed list of reasons; `nil` while the attempt runs.
        package let reason: String?
        package let message: String
        package let bootBefore: BootID?
        package let bootAfter: BootID?
        package let verdict: BootVerdict?
        /// From handing the reboot over to the last thing that is known.
        package let duration: Duration?
        package let updatedAt: Date

        package init(
            host: HostName, wave: Int, state: AttemptState, reason: String?, message: String, bootBefore: BootID?,
            bootAfter: BootID?, verdict: BootVerdict?, duration: Duration?, updatedAt: Date
        ) {
            (self.host, self.wave, self.state, self.reason, self.message) = (host, wave, state, reason, message)
            (self.bootBefore, self.bootAfter, self.verdict) = (bootBefore, bootAfter, verdict)
            (self.duration, self.updatedAt) = (duration, updatedAt)
        }
    }

    package let id: Int64
    package let pattern: String
    /// `running`, `finished`, `halted`, `aborted`, or `interrupted` when nobody runs it any more.
    package let state: String
    package let startedAt: Date
    package let endedAt: Date?
    package let hosts: [Host]
    /// Hosts that were selected and left out of the plan, with the reason.
    package let withheld: [(host: HostName, reason: String)]
    /// What it means for the exit of a command.
    package let exitStatus: ExitStatus
    /// Every slot that is held, by whichever rollout or agent; `nil`: not asked for.
    package var slots: [HeldSlot]?

    package init(
        id: Int64, pattern: String, state: String, startedAt: Date, endedAt: Date?, hosts: [Host],
        withheld: [(host: HostName, reason: String)], exitStatus: ExitStatus
    ) {
        (self.id, self.pattern, self.state, self.startedAt, self.endedAt) = (id, pattern, state, startedAt, endedAt)
        (self.hosts, self.withheld, self.exitStatus) = (hosts, withheld, exitStatus)
    }

    /// The document `ebb.rollout/1`.
    package var json: JSON {
        let rollout: JSON = [
            "schema": "ebb.rollout/1", "id": .count(id), "pattern": .string(pattern), "state": .string(state),
            "startedAt": .instant(startedAt), "endedAt": .instant(endedAt), "hosts": .array(hosts.map(\.json)),
            "withheld": .array(withheld.map { ["host": .string($0.host.text), "reason": .string($0.reason)] }),
        ]
        guard let slots, case .object(let members) = rollout else { return rollout }
        return .object(members + [JSON.Member("slots", .array(slots.map(\.json)))])
    }

    /// The report for a person.
    package func text(width: Int?, color: Bool) -> String {
        var table = TextTable([
            .init("WAVE", .right), .init("HOST"), .init("STATE"), .init("ROOT"), .init("DECLARED"),
            .init("TOOK", .right), .init("WHY", shrinks: true),
        ])
        for host in hosts {
            table.add([
                .init(host.wave), .init(host.host.text, .emphasis), .init(host.state.rawValue, host.state.role),
                .init(host.verdict?.erasure.rawValue ?? "", host.verdict?.erasure.role ?? .plain),
                .init(host.verdict?.retention.rawValue ?? "", host.verdict?.retention.role ?? .plain),
                // The journal's last line says nothing of how long a host has been waited for since.
                .init(host.state.isFinal ? host.duration.map { TextDuration.text($0) } ?? "" : ""), .init(host.why),
            ])
        }
        for (host, reason) in withheld {
            table.add([
                .init("-"), .init(host.text, .emphasis), .init("withheld", .warning), .init(""), .init(""), .init(""),
                .init(reason),
            ])
        }
        let proven = hosts.filter { $0.state == .proven }.count
        let summary = "rollout \(id) \(state): \(proven) of \(hosts.count) hosts proven"
        let role: TextRole = proven == hosts.count ? .good : exitStatus == .incomplete ? .warning : .bad
        return table.rendered(width: width, color: color) + "\n" + role.paint(summary, color: color) + "\n"
            + (slots.map { HeldSlot.text($0, width: width, color: color) } ?? "")
    }
}

extension RolloutReport.Host {
    fileprivate var why: String {
        guard let reason, state != .proven else { return message }
        return message.isEmpty ? reason : "\(reason): \(message)"
    }

    fileprivate var json: JSON {
        [
            "host": .string(host.text), "wave": .count(wave), "state": .string(state.rawValue),
            "reason": .optional(reason), "message": .string(message), "bootBefore": .optional(bootBefore?.text),
            "bootAfter": .optional(bootAfter?.text), "erasure": .optional(verdict?.erasure.rawValue),
            "retention": .optional(verdict?.retention.rawValue), "evidence": .strings(verdict?.reasons ?? []),
            "census": .array((verdict?.census ?? []).map(\.json)),
            "durationSeconds": .optional(duration) { .number($0.seconds) }, "updatedAt": .instant(updatedAt),
        ]
    }
}

extension AttemptState {
    /// How the state is colored.
    package var role: TextRole {
        switch self {
        case .proven: .good
        case .failed: .bad
        case .inconclusive, .skipped: .warning
        case .planned, .preflight, .canaries, .intent, .sent, .booted: .plain
        }
    }
}

extension BootVerdict.Erasure {
    /// How the answer is colored.
    package var role: TextRole {
        switch self {
        case .erased: .good
        case .notErased: .bad
        case .unknown: .warning
        }
    }
}

extension BootVerdict.Retention {
    /// How the answer is colored.
    package var role: TextRole {
        switch self {
        case .kept, .notApplicable: .good
        case .leaked, .lost: .bad
        case .unknown: .warning
        }
    }
}

extension CensusFinding {
    /// An element of `census` in every document that shows the verdict on a boot.
    var json: JSON { ["path": .string(path), "census": .string(state.rawValue), "message": .string(message)] }
}
