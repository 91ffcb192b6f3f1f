import EbbModel

extension DriftReport {
    /// The report as one tree per host: what is at risk, where it lies.
    package func tree(color: Bool) -> String {
        var text = ""
        for host in hosts {
            let risk = host.bytes.values.clampedSum
            let heading =
                host.outcome == .ok
                ? "\(host.host)  \(host.strategy?.rawValue ?? "?")  \(ByteCount.text(risk)) at risk"
                : "\(host.host)  \(host.outcome.rawValue)"
            text += TextRole.heading.paint(heading, color: color) + "\n"
            var root = Branch()
            for line in host.lines { root.insert(line) }
            text += root.rendered(indent: "", color: color)
            for gap in host.gaps {
                let line = "unknown: \(gap.probe) \(gap.reason.rawValue): "
                text += TextRole.warning.paint(line + PrintableText.line(gap.message), color: color)
                text += "\n"
            }
            text += "\n"
        }
        return text + conclusion(color: color)
    }

    /// A directory of the tree, with what is said of itself.
    private struct Branch {
        var lines: [Line] = []
        var children: [(name: [UInt8], branch: Branch)] = []

        mutating func insert(_ line: Line) {
            insert(line, line.entry.change.path.bytes.split(separator: UInt8(ascii: "/"))[...])
        }

        private mutating func insert(_ line: Line, _ components: ArraySlice<ArraySlice<UInt8>>) {
            guard let first = components.first else {
                lines.append(line)
                return
            }
            // Lines come sorted, so that a known name is mostly the last one.
            let name = Array(first)
            let index =
                children.lastIndex { $0.name == name }
                ?? {
                    children.append((name, Branch()))
                    return children.count - 1
                }()
            children[index].branch.insert(line, components.dropFirst())
        }

        func rendered(indent: String, color: Bool) -> String {
            var text = ""
            for (index, child) in children.enumerated() {
                var name = PrintableText.path(child.name)
                var branch = child.branch
                // Directories that only lead on stand on one line with what they lead to.
                while branch.lines.isEmpty, branch.children.count == 1, let only = branch.children.first {
                    name += "/" + PrintableText.path(only.name)
                    branch = only.branch
                }
                let isLast = index == children.count - 1
                text += indent + (isLast ? "└── " : "├── ")
                text += branch.label(name, color: color) + "\n"
                text += branch.rendered(indent: indent + (isLast ? "    " : "│   "), color: color)
            }
            return text
        }

        private func label(_ name: String, color: Bool) -> String {
            guard let line = lines.first else { return name + "/" }
            let change = line.entry.change
            var text = name
            if change.kind == .directory { text += "/" }
            if change.kind == .symlink, let target = change.linkTarget { text += " → \(target.printable)" }
            text = line.entry.verdict.role.paint(text, color: color)
            var notes = [line.entry.verdict.rawValue, line.entry.stateClass.rawValue]
            if change.change != .added { notes.append(change.change.rawValue) }
            if let old = change.renamedFrom { notes.append("from \(old.printable)") }
            if line.entryCount > 1 { notes.append("\(line.entryCount) paths") }
            if let size = line.size { notes.append(ByteCount.text(size)) }
            return text + "  " + TextRole.muted.paint(notes.joined(separator: ", "), color: color)
        }
    }
}
