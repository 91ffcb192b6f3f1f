import EbbModel

/// Says what to do about a path that nobody has accounted for.
struct Advice: Sendable {
    private let entries: [CatalogueEntry]
    /// The preset that declares a path, by the path.
    private let presets: [String: String]

    init(catalogue: Catalogue) {
        entries = catalogue.entries
        presets = catalogue.presetsByPath
    }

    /// One sentence; `place` is the part of the path for which the catalogue's entry holds.
    func suggestion(_ change: PathChange, rule: Int?, place: BytePath) -> String {
        switch change.change {
        case .removed: return "remove it from the blank as well, or accept that the next boot brings it back"
        case .added, .modified, .renamed: break
        }
        guard let rule else { return unknown(change) }
        let entry = entries[rule]
        guard let mechanism = entry.mechanism else { return "change the blank, or accept the loss" }
        let path = entry.adopt ?? place.printable
        var text = "keep \(path): mechanism \(mechanism.rawValue)"
        if let preset = presets[path] { text += ", preset \(preset)" }
        return text
    }

    private func unknown(_ change: PathChange) -> String {
        switch change.kind {
        case .directory where change.change == .modified: return "change the blank, or accept the loss"
        case .directory: return "keep it: mechanism bind; or accept the loss"
        case .file where NameHints.needsItsDirectory(change.path) && change.path.parent != BytePath("/"):
            return "keep its directory \(change.path.parent.printable): mechanism bind, "
                + "because such files are replaced or come in several; or accept the loss"
        case .file where change.change == .modified: return "change the blank, keep it by a link, or accept the loss"
        case .file, .symlink, .fifo, .socket, .block, .character:
            return "keep it: mechanism symlink; or accept the loss"
        }
    }
}
