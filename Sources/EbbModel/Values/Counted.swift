/// A number and what it counts, for a person.
package enum Counted {
    /// Such as `1 host` and `4 hosts`.
    package static func text(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
