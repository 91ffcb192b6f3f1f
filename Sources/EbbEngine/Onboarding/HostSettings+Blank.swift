import EbbModel

/// The blank that a host's root goes back to, where it is one that can be looked at.
extension HostSettings {
    /// Its full name: `pool/set@blank`; on btrfs its path below the top level.
    var blankName: String? {
        guard let root, let blank = root.blank else { return nil }
        switch root.strategy {
        case .zfs: return root.dataset.map { "\($0)@\(blank)" }
        case .btrfs: return blank
        case .overlay, .tmpfs, .mkfs, .none: return nil
        }
    }

    /// The settings with the root's own dataset declared, and no other.
    var ofItsBlank: HostSettings? {
        guard let root, let blank = root.blank, blankName != nil,
            let name = root.strategy == .zfs ? root.dataset : root.subvolume
        else { return nil }
        var settings = self
        var dataset =
            datasets.first { $0.name == name } ?? DatasetSettings(name: name, backup: false)
        dataset.blank = blank
        settings.datasets = [dataset]
        return settings
    }
}
