/// Numbers of bytes for people: exact below 1,000, then three digits and a unit (powers of 1,024).
package enum ByteCount {
    /// Such as `512`, `1.4K`, `37M`; `?` when it is not known.
    package static func text(_ bytes: Int64?) -> String {
        guard let bytes else { return "?" }
        if bytes < 1_000 { return String(bytes) }
        var value = Double(bytes)
        for unit in ["K", "M", "G", "T", "P"] {
            value /= 1_024
            if value < 9.95 { return String(tenths: value) + unit }
            if value < 999.5 { return "\(Int(value.rounded()))" + unit }
        }
        return "\(Int(value.rounded()))P"
    }
}

extension String {
    /// The number with one digit after the point.
    init(tenths value: Double) {
        let tenths = Int((value * 10).rounded())
        self = "\(tenths / 10).\(tenths % 10)"
    }
}
