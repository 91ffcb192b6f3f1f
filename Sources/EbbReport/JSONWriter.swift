/// Writes one document member by member, so that a long one is never held whole.
///
/// What it writes is what `JSONText.document` writes of the same value.
struct JSONWriter {
    /// For each object or array that is open, whether nothing is in it yet.
    private var open: [Bool] = []

    mutating func member(_ name: String, _ value: JSON, to output: inout some TextOutputStream) {
        begin(name, to: &output)
        JSONText.write(value, to: &output, indent: open.count * 2)
    }

    mutating func members(_ members: [JSON.Member], to output: inout some TextOutputStream) {
        for member in members { self.member(member.name, member.value, to: &output) }
    }

    mutating func element(_ value: JSON, to output: inout some TextOutputStream) {
        begin(nil, to: &output)
        JSONText.write(value, to: &output, indent: open.count * 2)
    }

    mutating func array(_ name: String, of values: some Sequence<JSON>, to output: inout some TextOutputStream) {
        begin(name, "[", to: &output)
        for value in values { element(value, to: &output) }
        end("]", to: &output)
    }

    mutating func begin(_ name: String?, _ bracket: String, to output: inout some TextOutputStream) {
        begin(name, to: &output)
        output.write(bracket)
        open.append(true)
    }

    mutating func end(_ bracket: String, to output: inout some TextOutputStream) {
        let isEmpty = open.popLast() ?? true
        if !isEmpty { newLine(to: &output) }
        output.write(bracket)
        if open.isEmpty { output.write("\n") }
    }

    private mutating func begin(_ name: String?, to output: inout some TextOutputStream) {
        guard let last = open.indices.last else { return }
        if !open[last] { output.write(",") }
        open[last] = false
        newLine(to: &output)
        guard let name else { return }
        JSONText.write(string: name, to: &output)
        output.write(": ")
    }

    private func newLine(to output: inout some TextOutputStream) {
        output.write("\n" + String(repeating: " ", count: open.count * 2))
    }
}
