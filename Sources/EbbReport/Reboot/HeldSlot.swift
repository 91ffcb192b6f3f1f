package import EbbModel
import EbbPlan
package import FoundationEssentials

/// A slot that is held: by whom, since when and why, and what ends it.
package struct HeldSlot: Sendable {
    let slot: Slot
    /// How long it has been held.
    let age: TimeInterval
    /// The attempt's state or reason; `agent` for one outside Ebb.
    let reason: String
    /// One sentence for a person.
    let message: String
    let rollout: Int64?
    /// What ends it, each on its own: a command, or what happens by itself.
    let ends: [String]

    package init(_ slot: Slot, age: TimeInterval, reason: String, message: String, rollout: Int64?, ends: [String]) {
        (self.slot, self.age, self.reason, self.message) = (slot, age, reason, message)
        (self.rollout, self.ends) = (rollout, ends)
    }

    private var otherNames: [String] { slot.names.filter { $0 != slot.host }.map(\.text).sorted() }

    private var group: String? { if case .agent(let group) = slot.holder { group } else { nil } }

    var json: JSON {
        [
            "host": .optional(slot.host?.text), "otherNames": .strings(otherNames),
            "agent": .optional(slot.host == nil ? slot.machine : nil), "group": .optional(group),
            "limits": .strings(slot.limits?.sorted() ?? []), "since": .instant(slot.since), "reason": .string(reason),
            "message": .string(message), "rollout": .optional(rollout) { .count($0) }, "ends": .strings(ends),
        ]
    }

    /// The slots for a person; lines are broken between words, so that no command is cut short.
    static func text(_ slots: [HeldSlot], width: Int?, color: Bool) -> String {
        guard !slots.isEmpty else { return "no slot is held\n" }
        var lines = ["\(Counted.text(slots.count, "slot")) held:"]
        for held in slots {
            let other = held.otherNames.isEmpty ? "" : " (also \(held.otherNames.joined(separator: ", ")))"
            let group = held.group.map { " of group \($0)" } ?? ""
            lines += broken(
                TextRole.emphasis.paint(held.slot.words, color: color)
                    + PrintableText.line(
                        "\(other)\(group), since \(UTCText.minute(held.slot.since)), for "
                            + TextDuration.text(.seconds(held.age))), width, first: 2, rest: 6)
            lines += broken(PrintableText.line("\(held.reason): \(held.message)"), width, first: 4, rest: 6)
            for (index, end) in held.ends.enumerated() {
                lines += broken((index == 0 ? "ends by " : "or ") + PrintableText.line(end), width, first: 4, rest: 6)
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// A text in lines of at most this width, where its words are short enough.
    private static func broken(_ text: String, _ width: Int?, first: Int, rest: Int) -> [String] {
        var lines: [String] = []
        var line = String(repeating: " ", count: first)
        var isEmpty = true
        for word in text.split(separator: " ") {
            if !isEmpty, let width, line.count + 1 + word.count > width {
                lines.append(line)
                (line, isEmpty) = (String(repeating: " ", count: rest), true)
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        return lines + [line]
    }
}
