extension [CensusFinding] {
    /// What nobody has put back or accepted, and what ends that.
    package func words(of host: HostName) -> String {
        let named = prefix(5).map { "\($0.path): \($0.message)" }.joined(separator: "; ")
        let more = count > 5 ? "; and \(count - 5) more" : ""
        return named + more + "; put it back, or " + commands(on: host)
    }

    /// The commands with which a person accepts them.
    package func commands(on host: HostName) -> String {
        let subjects = [
            contains(where: \.isOnOtherStorage) ? "storage" : nil, contains { !$0.isOnOtherStorage } ? "content" : nil,
        ]
        return subjects.compactMap(\.self).map { "`ebb host accept \(host) \($0) --reason …`" }.joined(
            separator: " and ")
    }
}
