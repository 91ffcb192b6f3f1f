package import EbbModel
package import FoundationEssentials

/// Says why hosts must not be rebooted at a moment: stop flags, windows, blackouts, quorum.
package struct RebootGate {
    package var now: Date
    /// Every host of the inventory: quorum counts members that were not selected as well.
    package var fleet: [HostSettings]
    package var flags: [StopFlag]
    /// Hosts that are not known to be well.
    package var unavailable: Set<HostName>
    /// How long earlier reboots of a host took, in seconds.
    package var durations: [HostName: [Int]]

    package init(
        now: Date, fleet: [HostSettings], flags: [StopFlag] = [], unavailable: Set<HostName> = [],
        durations: [HostName: [Int]] = [:]
    ) {
        (self.now, self.fleet, self.flags, self.unavailable) = (now, fleet, flags, unavailable)
        self.durations = durations
    }

    /// The hosts that must not be rebooted now, each with every reason.
    ///
    /// Windows that cannot be understood keep a host from being rebooted.
    package func blocked(_ selected: [HostSettings]) -> [HostName: String] {
        let sets = QuorumSet.sets(of: fleet)
        var decisions: [Question: String?] = [:]
        var blocked: [HostName: String] = [:]
        for settings in selected {
            var reasons = flags.compactMap { reason(of: $0, toStop: settings) }
            let question = Question(
                windows: settings.reboot.windows, blackouts: settings.reboot.blackouts, seconds: estimate(of: settings))
            let answer: String? = decisions[question] ?? question.reasonToWithhold(at: now)
            decisions.updateValue(answer, forKey: question)
            if let answer { reasons.append(answer) }
            reasons += sets.compactMap { $0.reason(toWithhold: settings.host, unavailable: unavailable) }
            if !reasons.isEmpty { blocked[settings.host] = reasons.joined(separator: "; ") }
        }
        return blocked
    }

    /// How long a reboot of this host is expected to take, in seconds.
    package func estimate(of settings: HostSettings) -> Int {
        RebootEstimate.seconds(
            known: durations[settings.host] ?? [], timeout: settings.reboot.timeout, soak: settings.reboot.soak)
    }

    private func reason(of flag: StopFlag, toStop settings: HostSettings) -> String? {
        guard flag.holds(at: now), flag.concerns(settings.host, in: settings.groups) else { return nil }
        let scope =
            switch flag.scope {
            case .fleet: "all reboots are"
            case .group(let group): "its group \(PrintableText.line(group)) is"
            case .host: "it is"
            }
        let until = flag.expiresAt.map { " until \(UTCText.minute($0))" } ?? ""
        return "\(scope) stopped by \(PrintableText.line(flag.author))\(until): " + PrintableText.line(flag.reason)
    }

    /// What the answer for a host depends on; many hosts ask the same.
    private struct Question: Hashable {
        let windows: [WindowSettings]
        let blackouts: [BlackoutSettings]
        let seconds: Int

        func reasonToWithhold(at now: Date) -> String? {
            do throws(InvalidWindow) {
                return try MaintenanceCalendar(windows: windows, blackouts: blackouts).decision(
                    at: now, taking: seconds
                ).reasonToWithhold
            } catch { return "its maintenance window cannot be understood: \(error.description)" }
        }
    }
}

/// How long a reboot of a host may take, from how long earlier ones took.
package enum RebootEstimate {
    /// Fewer boots than this say nothing about the next.
    package static let enough = 3

    /// Seconds from the start of an attempt to its proof that 95 of 100 attempts stayed within.
    ///
    /// With fewer than three known attempts it is the time after which a boot counts as failed,
    /// and the soak: a first reboot must not end outside its window.
    package static func seconds(known: [Int], timeout: Int, soak: Int) -> Int {
        guard known.count >= enough else { return timeout + soak }
        let sorted = known.sorted()
        let rank = (sorted.count * 95 + 99) / 100
        return sorted[min(rank, sorted.count) - 1]
    }
}

/// Hosts of which some must stay well together, such as the members of an etcd cluster.
package struct QuorumSet: Hashable, Sendable {
    package let name: String
    package let members: [HostName]
    /// How many must be well while another member is down.
    package let healthy: Int

    /// The sets that the settings of a whole fleet name, by name.
    ///
    /// Where members disagree, the largest number counts.
    package static func sets(of fleet: [HostSettings]) -> [QuorumSet] {
        var members: [String: [HostName]] = [:]
        var healthy: [String: Int] = [:]
        for settings in fleet {
            for quorum in settings.reboot.quorum {
                members[quorum.set, default: []].append(settings.host)
                healthy[quorum.set] = max(healthy[quorum.set] ?? 0, quorum.healthy)
            }
        }
        return members.keys.sorted().map { name in
            QuorumSet(name: name, members: (members[name] ?? []).sorted(), healthy: healthy[name] ?? 0)
        }
    }

    /// How many members may be down at once; a limit for the rollout.
    package var spare: Int { max(0, members.count - healthy) }

    /// Why a member must not go down now, in one sentence; `nil` when it may.
    package func reason(toWithhold host: HostName, unavailable: Set<HostName>) -> String? {
        guard members.contains(host) else { return nil }
        let well = members.filter { $0 != host && !unavailable.contains($0) }
        guard well.count < healthy else { return nil }
        return "\(PrintableText.line(name)) needs \(healthy) of \(members.count) members well, "
            + "and without this host only \(well.count) are known to be"
    }
}
