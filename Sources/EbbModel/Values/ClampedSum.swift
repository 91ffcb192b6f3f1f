/// Sums of what hosts report: `truncate -s 9223372036854775807` makes a sum large, and ends no process.
extension FixedWidthInteger {
    /// The sum, or the nearest limit of the type.
    package func addingClamped(_ other: Self) -> Self {
        let (sum, overflows) = addingReportingOverflow(other)
        guard overflows else { return sum }
        return other < 0 ? .min : .max
    }
}

extension Sequence where Element: FixedWidthInteger {
    /// All elements added up, each step clamped to the limits of the type.
    package var clampedSum: Element { reduce(0) { $0.addingClamped($1) } }
}
