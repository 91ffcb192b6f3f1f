package import EbbModel
package import FoundationEssentials

/// One event, as people and programs are notified of it.
package struct Notice: Hashable, Sendable {
    /// A host that the notice is about.
    package struct Mention: Hashable, Sendable, Codable {
        package let host: HostName
        /// The state or reason, as in machine output.
        package let state: String
        /// One sentence for a person.
        package let message: String

        package init(host: HostName, state: String, message: String) {
            self.host = host
            self.state = PrintableText.line(state)
            self.message = PrintableText.line(message)
        }
    }

    package let event: NoticeEvent
    package let at: Date
    /// The rollout's number, if it is about one.
    package let rollout: Int64?
    /// One line for a person.
    package let subject: String
    package let hosts: [Mention]

    /// Longer lists are cut, with a count of the rest: a notice is read on a phone.
    package static let maxHosts = 50

    package init(event: NoticeEvent, at: Date, rollout: Int64? = nil, subject: String, hosts: [Mention] = []) {
        (self.event, self.at, self.rollout) = (event, at, rollout)
        self.subject = PrintableText.line(subject)
        self.hosts = hosts
    }

    /// The notice as JSON, `ebb.notice/1`.
    ///
    /// `text` repeats the notice as plain text: chat services show it as it is.
    package var json: [UInt8] {
        let payload = Payload(
            schema: "ebb.notice/1", event: event.rawValue, at: at.formatted(.iso8601), rollout: rollout,
            subject: subject, hosts: Array(hosts.prefix(Self.maxHosts)), hostsInAll: hosts.count, text: text)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A struct of strings and numbers always encodes; an empty object would still tell that
        // something happened.
        return (try? encoder.encode(payload)).map(Array.init) ?? Array("{}".utf8)
    }

    /// The notice as plain text.
    package var text: String {
        var lines = [subject]
        lines += hosts.prefix(Self.maxHosts).map { mention in
            "  \(mention.host): \(mention.state)" + (mention.message.isEmpty ? "" : ", \(mention.message)")
        }
        if hosts.count > Self.maxHosts { lines.append("  and \(hosts.count - Self.maxHosts) more") }
        if let rollout { lines.append("Rollout \(rollout): ebb reboot status \(rollout)") }
        return lines.joined(separator: "\n")
    }

    private struct Payload: Encodable {
        let schema: String
        let event: String
        let at: String
        let rollout: Int64?
        let subject: String
        let hosts: [Mention]
        let hostsInAll: Int
        let text: String
    }
}
