import EbbModel

extension ChangeList {
    /// All changes at once.
    func all() throws(SpillError) -> [PathChange] {
        var changes: [PathChange] = []
        var cursor = cursor()
        while let change = try cursor.next() { changes.append(change) }
        return changes
    }
}
