import EbbModel

extension DriftEntry {
    /// What every document says first of a changed path; `size` may count what is folded into it.
    func jsonHead(size: Int64?) -> [JSON.Member] {
        var members: [JSON.Member] = [.init("path", .string(change.path.printable))]
        if change.path.text == nil {
            members.append(.init("pathBase64", .string(change.path.base64)))
        }
        return members + [
            .init("change", .string(change.change.rawValue)),
            .init("kind", .string(change.kind.rawValue)),
            .init("verdict", .string(verdict.rawValue)),
            .init("class", .string(stateClass.rawValue)),
            .init("size", .optional(size) { .count($0) }),
        ]
    }
}
