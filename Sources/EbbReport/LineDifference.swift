import EbbModel

/// What was added to, or taken from, a text: one hunk, as `diff -u` writes it.
package enum LineDifference {
    /// The difference, or nothing for equal texts.
    package static func text(old: String, new: String, file: String, color: Bool) -> String {
        if old == new { return "" }
        let before = lines(old)
        let after = lines(new)
        var start = 0
        while start < min(before.count, after.count), before[start] == after[start] { start += 1 }
        var end = 0
        while end < min(before.count, after.count) - start,
            before[before.count - 1 - end] == after[after.count - 1 - end]
        { end += 1 }
        let first = max(0, start - 3)
        let tail = min(3, end)
        let removed = before[start..<(before.count - end)]
        let added = after[start..<(after.count - end)]
        let oldCount = start - first + removed.count + tail
        let newCount = start - first + added.count + tail
        var text = TextRole.heading.paint("--- \(file)\n+++ \(file)", color: color) + "\n"
        text += "@@ -\(before.isEmpty ? 0 : first + 1),\(oldCount) +\(first + 1),\(newCount) @@\n"
        for line in before[first..<start] { text += " " + PrintableText.line(line) + "\n" }
        for line in removed { text += TextRole.bad.paint("-" + PrintableText.line(line), color: color) + "\n" }
        for line in added { text += TextRole.good.paint("+" + PrintableText.line(line), color: color) + "\n" }
        for line in before[(before.count - end)..<(before.count - end + tail)] {
            text += " " + PrintableText.line(line) + "\n"
        }
        return text
    }

    private static func lines(_ text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
