/// What a connection and its host agreed on.
package struct ChosenAlgorithms: Hashable, Sendable {
    /// The program or library that speaks SSH, with its version.
    package var client: String
    package var keyExchange = ""
    package var hostKey = ""
    package var cipher = ""
    /// Empty where the cipher authenticates by itself.
    package var mac = ""

    package init(client: String) { self.client = client }
}

extension Connection {
    /// A connection that does not know what was agreed on.
    package var algorithms: ChosenAlgorithms? { nil }
}
