import EbbModel

/// Asks ZFS itself for the difference from the blank: a quick look, never the whole answer.
///
/// What it names is true. It leaves out further names of hard-linked files without a word, and a
/// renamed directory stands for all that is below it.
enum ZFSDiffProbe {
    static let name = "zfs-diff"

    static func probe(_ root: RootSettings, limit: Int) -> ProbeScript.Probe {
        let dataset = root.dataset ?? ""
        let blank = dataset + "@" + (root.blank ?? "")
        return ProbeScript.Probe(
            name: name, command: RemoteCommand("zfs", "diff", "-FHt", blank, dataset), limit: limit)
    }

    /// Why the answer is not whole, whatever it says.
    static let caveat = ProbeGap(
        probe: name, reason: .notAsked,
        message: "a quick look by `zfs diff`: it leaves out hard-linked files, and says no sizes")
}
