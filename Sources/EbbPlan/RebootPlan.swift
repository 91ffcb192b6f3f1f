package import EbbModel
import FoundationEssentials

/// Who will be rebooted, in which wave, and who is withheld and why; every choice is made.
package struct RebootPlan: Hashable, Sendable, Codable {
    /// Why a selected host is not in any wave.
    package struct Withheld: Hashable, Sendable, Codable {
        package let host: HostName
        /// One sentence for a person.
        package let reason: String
    }

    /// How many hosts of a group may be unavailable at once.
    package struct GroupLimit: Hashable, Sendable, Codable {
        package let group: String
        package let members: [HostName]
        package let maxUnavailable: Int
    }

    package let waves: [[HostName]]
    package let withheld: [Withheld]
    package let limits: [GroupLimit]
    /// How many hosts may fail before no further one is started.
    package let failureBudget: Int
    /// Hosts that are not known to be well before the run starts; they count against the limits.
    package let unavailable: [HostName]

    /// Every host of every wave, in order.
    package var hosts: [HostName] { waves.flatMap(\.self) }

    /// The plan as JSON; equal plans give equal text.
    package func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}

extension RebootPlan {
    /// The plan that such a text holds.
    package init(text: String) throws { self = try JSONDecoder().decode(RebootPlan.self, from: Data(text.utf8)) }
}
