package import FoundationEssentials

/// How many paths were at risk on one day, over some hosts.
package struct DriftDay: Sendable, Hashable {
    /// The day's first instant, UTC.
    package let at: Date
    package let unexplained: Int
    package let leaked: Int

    package init(at: Date, unexplained: Int, leaked: Int) {
        (self.at, self.unexplained, self.leaked) = (at, unexplained, leaked)
    }
}
