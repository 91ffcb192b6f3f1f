/// Runs `body` once for each element, at most `limit` at a time, and returns one result per element
/// in the elements' order.
///
/// `body` cannot throw: no element can cancel another, and none can be lost.
package func fanOut<Element: Sendable, Result: Sendable>(
    over elements: [Element], limit: Int,
    _ body: @escaping @Sendable (Element) async -> Result
) async -> [Result] {
    await withTaskGroup(of: (Int, Result).self) { group in
        var results = [Result?](repeating: nil, count: elements.count)
        var waiting = elements.indices.makeIterator()
        for _ in 0..<max(1, limit) {
            guard let index = waiting.next() else { break }
            group.addTask { (index, await body(elements[index])) }
        }
        while let (index, result) = await group.next() {
            results[index] = result
            if let next = waiting.next() { group.addTask { (next, await body(elements[next])) } }
        }
        return results.compactMap(\.self)
    }
}
