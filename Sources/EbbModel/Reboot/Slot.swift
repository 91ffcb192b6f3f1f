package import FoundationEssentials

/// One machine that is down, may be, or is not known to be well, and so takes up room in its groups.
///
/// A slot is freed by proof, by its holder or by a person's recorded decision, never by time.
package struct Slot: Hashable, Sendable {
    /// Who took it.
    package enum Holder: Hashable, Sendable {
        /// Ebb, for a host that an attempt may have told to reboot.
        case host(HostName)
        /// An agent outside Ebb, in the FleetLock group that it named.
        case agent(group: String)
    }

    /// Which machine it is: the first name of a host of Ebb's, or the id that an agent gave.
    package let machine: String
    package let holder: Holder
    package let since: Date
    /// Every name of a host's machine.
    package let names: Set<HostName>
    /// The limits that it counts in since it was taken, whatever the inventory says now; `nil`: not known.
    package let limits: Set<String>?

    package init(machine: String, holder: Holder, since: Date, names: Set<HostName> = [], limits: Set<String>? = []) {
        (self.machine, self.holder, self.since, self.limits) = (machine, holder, since, limits)
        if case .host(let host) = holder { self.names = names.union([host]) } else { self.names = [] }
    }

    /// The slot that an attempt at a host takes.
    package init(host: HostName, since: Date) { self.init(machine: host.text, holder: .host(host), since: since) }

    /// Ebb's host; `nil`: an agent holds the slot.
    package var host: HostName? { if case .host(let host) = holder { host } else { nil } }

    /// Whether both are one machine; what an agent calls itself says nothing of Ebb's hosts.
    package func isSameMachine(as other: Slot) -> Bool {
        switch (holder, other.holder) {
        case (.host, .host): !names.isDisjoint(with: other.names)
        case (.agent, .agent): machine == other.machine
        case (.host, .agent), (.agent, .host): false
        }
    }

    /// The holder in words, for a person.
    package var words: String {
        switch holder {
        case .host(let host): PrintableText.line(host.text)
        case .agent: "agent \(PrintableText.line(machine))"
        }
    }
}

/// What a request changes in the table of slots.
package enum SlotChange: Hashable, Sendable {
    case none
    case take(Slot)
    case free(Slot)
}
