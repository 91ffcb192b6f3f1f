import EbbModel
import EbbSetup

/// The blank that a host's root goes back to, where it is one that can be looked at.
extension HostSettings {
    /// Its full name: `pool/set@blank`; on btrfs its path below the top level; else its directory.
    var blankName: String? {
        guard let root, let blank = root.blank else { return nil }
        switch root.strategy {
        case .zfs: return root.dataset.map { "\($0)@\(blank)" }
        case .btrfs: return blank
        case .mkfs, .tmpfs: return blank
        case .overlay, .none: return nil
        }
    }

    /// The settings with the root's own dataset declared, and no other.
    var blankOnly: HostSettings? {
        guard let root, let blank = root.blank, blankName != nil, let name = root.rootName else { return nil }
        var settings = self
        var dataset = datasets.first { $0.name == name } ?? DatasetSettings(name: name, backup: false)
        dataset.blank = blank
        settings.datasets = [dataset]
        return settings
    }
}

extension HostSettings {
    /// Whether a boot copies the root out of a directory, and nothing but that is declared.
    var isRootCopied: Bool {
        (root?.strategy == .mkfs || root?.strategy == .tmpfs) && !datasets.isEmpty
            && datasets.allSatisfy { $0.name == DirectoryBlank.rootName }
    }
}

extension RootSettings {
    /// The name of the root among the datasets.
    fileprivate var rootName: String? {
        switch strategy {
        case .zfs: dataset
        case .btrfs: subvolume
        case .mkfs, .tmpfs: DirectoryBlank.rootName
        case .overlay, .none: nil
        }
    }
}
