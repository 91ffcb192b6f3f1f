import EbbModel

/// Why one try to deliver a notice failed.
package struct DeliveryFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Whether another try may do better.
    package let isWorthRetrying: Bool
    /// One sentence for a person, without address or secret.
    package let description: String

    package init(isWorthRetrying: Bool, _ description: String) {
        self.isWorthRetrying = isWorthRetrying
        self.description = PrintableText.line(description)
    }
}
