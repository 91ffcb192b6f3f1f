extension [CensusFinding] {
    /// What nobody decided about, and what ends that.
    package func words(of host: HostName) -> String {
        let named = prefix(5).map { "\($0.path): \($0.message)" }.joined(separator: "; ")
        let more = count > 5 ? "; and \(count - 5) more" : ""
        return named + more + "; put it back, or `ebb host accept \(host) content --reason …`"
    }
}
