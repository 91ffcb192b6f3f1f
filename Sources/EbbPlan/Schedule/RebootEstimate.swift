/// How long a reboot of a host may take, from how long earlier ones took.
package enum RebootEstimate {
    /// Fewer boots than this say nothing about the next.
    package static let enough = 3

    /// Seconds from the start of an attempt to its proof that 95 of 100 attempts stayed within.
    ///
    /// With fewer than three known attempts it is the time after which a boot counts as failed,
    /// and the soak: a first reboot must not end outside its window.
    package static func seconds(known: [Int], timeout: Int, soak: Int) -> Int {
        guard known.count >= enough else { return timeout + soak }
        let sorted = known.sorted()
        let rank = (sorted.count * 95 + 99) / 100
        return sorted[min(rank, sorted.count) - 1]
    }
}
